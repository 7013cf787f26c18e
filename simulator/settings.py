"""What the simulator is told when it starts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """One simulator. Times are in seconds."""

    callbacks: str
    """Address the product listens on, without the last part: ``/ussd``, ``/sms`` and so on are appended."""
    ussd_code: str = "*384*1#"
    """Empty where there is no USSD: then the phone only texts."""
    sms_code: str = "22384"
    sms_word: str = ""
    """The text that the phone proposes to begin with."""
    protocol: str = "africastalking"
    country: str = "KE"
    """Whose handsets lie ready: ``KE`` or ``ID``."""
    report_delay: float = 0.8
    """From accepting a message to its delivery report."""
    idle: float = 30.0
    """How long the network waits for a reply before it closes a USSD session."""
    session: float = 180.0
    """The longest a USSD session may last."""
    app_timeout: float = 10.0
    """How long the aggregator waits for the product's answer to a hop."""
    forget: bool = False
    """Keep counters only, no texts: for benchmarks."""
    kept: int = 200_000
    """The most messages, and the most callbacks waiting, held in memory."""
