"""What FastAPI itself costs: the five fields of a hop read from the form, an empty screen, nothing kept."""

from fastapi import FastAPI, Form
from fastapi.responses import PlainTextResponse

app = FastAPI()


@app.post("/ussd", response_class=PlainTextResponse)
async def hop(
    sessionId: str = Form(""),
    phoneNumber: str = Form(""),
    networkCode: str = Form(""),
    serviceCode: str = Form(""),
    text: str = Form(""),
) -> str:
    return "CON "
