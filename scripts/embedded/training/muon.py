"""The optimizer Muon: momentum whose directions are all made equally long, for the matrices inside the network."""

from collections.abc import Iterable

from scripts.embedded.training.pytorch import torch

Tensor = torch.Tensor

# Five steps with these numbers bring every singular value near 1 (a Newton-Schulz iteration, tuned for speed).
STEPS = 5
FIRST, THIRD, FIFTH = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """`step` moves each matrix along its orthogonalized momentum."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.01) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "decay": decay})

    def step(self) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                for matrix in group["params"]:
                    self._move(matrix, group["lr"], group["momentum"], group["decay"])

    def _move(self, matrix: Tensor, rate: float, momentum: float, decay: float) -> None:
        average = self.state[matrix].setdefault("average", torch.zeros_like(matrix))
        average.mul_(momentum).add_(matrix.grad)
        direction = _orthogonal(matrix.grad.add(average, alpha=momentum))
        stretch = max(1, matrix.shape[0] / matrix.shape[1]) ** 0.5
        matrix.mul_(1 - rate * decay).add_(direction, alpha=-rate * stretch)


def _orthogonal(matrix: Tensor) -> Tensor:
    if matrix.shape[0] > matrix.shape[1]:
        return _orthogonal(matrix.T).T
    result = matrix / (matrix.norm() + 1e-7)
    for _ in range(STEPS):
        square = result @ result.T
        result = FIRST * result + (THIRD * square + FIFTH * square @ square) @ result
    return result
