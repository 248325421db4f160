"""torchvision's ResNet as the encoder of step_peer.py: small stem, zero-initialised residuals; each view a batch of its own, or both one."""
import torch
import torchvision
from torch import nn


class ResNetEncoder(nn.Module):
    """Bytes [2B, S, S, 3] to the average features [2B, 512]; channels last, which oneDNN is fastest on."""

    def __init__(self, c, mean, std, joined):
        super().__init__()
        self.joined = joined
        self.net = getattr(torchvision.models, f"resnet{c['resnet']}")(zero_init_residual=True)
        self.net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.net.maxpool = nn.Identity()
        self.net.fc = nn.Identity()
        nn.init.kaiming_normal_(self.net.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.net.to(memory_format=torch.channels_last)
        self.register_buffer("scale", 1 / (255 * torch.tensor(std)))
        self.register_buffer("shift", -torch.tensor(mean) / torch.tensor(std))

    def forward(self, images):
        x = torch.addcmul(self.shift, images.float(), self.scale).permute(0, 3, 1, 2)
        return self.net(x) if self.joined else torch.cat([self.net(view) for view in x.chunk(2)])
