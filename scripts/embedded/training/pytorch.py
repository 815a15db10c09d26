"""PyTorch, which nothing but the training needs."""

try:
    import torch  # ty: ignore[import-not-found]
except ImportError as error:
    raise SystemExit(
        "Training needs PyTorch, which is not among this repository's requirements.\n"
        "The CPU build is enough: pip install torch --index-url https://download.pytorch.org/whl/cpu"
    ) from error

__all__ = ["torch"]
