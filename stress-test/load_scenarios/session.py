"""A virtual user in a conversation: Dify keeps the history by its id, a model server is sent it whole."""

from collections import deque
from dataclasses import dataclass, field

from load_metrics.exchange import Exchange
from load_scenarios.prompts import Prompt
from load_scenarios.target import Target


@dataclass(slots=True)
class Session:
    """What came of it so far."""

    target: Target
    user: str
    prompt: Prompt
    turn: int = 0
    conversation_id: str = ""
    history: list[dict[str, str]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.turn >= self.target.turns

    def text(self) -> str:
        """What the user says in this turn; a prompt of fewer turns begins again."""
        return self.prompt.texts[self.turn % len(self.prompt.texts)]

    def learn(self, said: str, exchange: Exchange) -> None:
        """A turn that failed ends the conversation."""
        self.turn = self.turn + 1 if exchange.ok else self.target.turns
        self.conversation_id = exchange.conversation_id or self.conversation_id
        if self.target.turns > 1 and self.target.kind != "dify":
            self.history += [{"role": "user", "content": said}, {"role": "assistant", "content": exchange.text}]


class Waiting:
    """Conversations between two turns; whoever asks next takes the one that waits longest."""

    def __init__(self) -> None:
        self._sessions: deque[Session] = deque()

    def take(self) -> Session | None:
        return self._sessions.popleft() if self._sessions else None

    def give(self, session: Session) -> None:
        if not session.over:
            self._sessions.append(session)
