"""The process that listens: uvicorn, taught to refuse connections and to let a fault cut one."""

import asyncio
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.world import World


class Protocol(HttpToolsProtocol):
    """Hands the connection to the handler as ``request.state.transport``."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class Server(uvicorn.Server):
    """One listening socket, which a fault can close for a while."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world
        world.refuse = self.refuse

    async def refuse(self, seconds: float) -> None:
        """Close the socket, so that callers meet "connection refused", and listen again after ``seconds``."""
        for listener in self.servers:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._world.pause(seconds)
        self.servers = []
        while not self.servers and not self.should_exit:
            try:
                self.servers = [await self._listen()]
            except OSError:  # a connection of somebody else's got the port meanwhile: it ends
                await asyncio.sleep(0.1)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: Protocol(self.config, self.server_state, self.lifespan.state),
            self.config.host,
            self.config.port,
            backlog=self.config.backlog,
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Wake the long polls first, so that the end is quiet."""
        self._world.close()
        super().handle_exit(sig, frame)
