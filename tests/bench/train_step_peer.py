"""Steps of lightning-pose; run by train_step.py with the Python of an environment that has it.

    python train_step_peer.py DEVICE THREADS BATCH CLIP

Takes a step for each line on standard input, `supervised` or `semi`, and prints `seconds <number>`. Images and targets
lie ready in memory. The losses of a clip are written out here, because upstream builds them around its own loaders:
what they cost is the network's pass over the clip, its decoding of the maps, and the way back.
"""

import sys
import time

import torch
from lightning_pose.models import HeatmapTracker

KEYPOINTS, SIDE, MAP = 18, 256, 64


def main(device: str, threads: int, batch: int, clip: int) -> None:
    torch.set_num_threads(threads)
    model = HeatmapTracker(num_keypoints=KEYPOINTS, backbone="resnet18", pretrained=False, downsample_factor=2)
    model = model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    images = torch.randn(batch, 3, SIDE, SIDE, device=device)
    frames = torch.randn(clip, 3, SIDE, SIDE, device=device)
    targets = (
        torch.rand(batch, KEYPOINTS, MAP, MAP, device=device).flatten(2).softmax(-1).view(batch, KEYPOINTS, MAP, MAP)
    )
    basis = torch.linalg.qr(torch.randn(2 * KEYPOINTS, 12, device=device))[0]
    for line in sys.stdin:
        began = time.perf_counter()
        loss = labelled(model, images, targets)
        if line.strip() == "semi":
            loss = loss + unlabelled(model, frames, basis)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        print("seconds", time.perf_counter() - began, flush=True)


def labelled(model: HeatmapTracker, images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The points are decoded too, as upstream does to log its pixel error."""
    maps = model.forward(images)
    model.head.run_subpixelmaxima(maps)
    return (maps - targets).square().mean() * MAP * MAP


def unlabelled(model: HeatmapTracker, frames: torch.Tensor, basis: torch.Tensor) -> torch.Tensor:
    points, _ = model.head.run_subpixelmaxima(model.forward(frames))
    jumps = points.view(len(frames), KEYPOINTS, 2).diff(dim=0).norm(dim=-1)
    off = points - points @ basis @ basis.T
    return 1e-5 * (jumps.mean() + off.view(len(frames), KEYPOINTS, 2).norm(dim=-1).mean())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
