"""Small networks, each with what its family is made of: 32 x 32 pixels, about 8 channels, 10 classes, a few kilobytes."""

import functools

import networks
import torch
import torchvision.models as models
from torch import nn

CLASSES = 10


def conv(channels, out, kernel, stride=1, groups=1, activation=nn.ReLU):
    kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    return nn.Sequential(nn.Conv2d(channels, out, kernel, stride, tuple(k // 2 for k in kernel), groups=groups, bias=False),
                         nn.BatchNorm2d(out), activation())


def network(*layers, channels):
    """Convolutions, and an end that averages them over the picture."""
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


class Branches(nn.Module):
    """The results of several layers, one after the other in the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Residual(nn.Module):
    def __init__(self, body, shortcut=None, activation=None):
        super().__init__()
        self.body, self.shortcut, self.activation = body, shortcut or nn.Identity(), activation or nn.Identity()

    def forward(self, x):
        return self.activation(self.body(x) + self.shortcut(x))


class MatMul(nn.Module):
    """A Linear that is exported as MatMul and Add."""

    def __init__(self, channels, out):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(channels, out) / channels**0.5), nn.Parameter(torch.randn(out))

    def forward(self, x):
        return x @ self.weight + self.bias


def bottleneck(channels, out, stride):
    body = nn.Sequential(conv(channels, 8, 1), conv(8, 8, 3, stride), conv(8, out, 1, activation=nn.Identity))
    return Residual(body, conv(channels, out, 1, stride, activation=nn.Identity) if channels != out else None, nn.ReLU())


def resnet():
    return network(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), bottleneck(8, 16, 1), bottleneck(16, 16, 1), bottleneck(16, 24, 2),
                   channels=24)


def mobilenet_v1():
    return networks.MobileNetV1(8, ((16, 1), (24, 2), (24, 1)), CLASSES)


def mobilenet_v2():
    block = models.mobilenetv2.InvertedResidual
    return network(conv(3, 8, 3, 2, activation=nn.ReLU6), block(8, 8, 1, 1), block(8, 12, 2, 4), block(12, 12, 1, 4), channels=12)


def mobilenet_v3():
    config, block = models.mobilenetv3.InvertedResidualConfig, models.mobilenetv3.InvertedResidual
    norm = functools.partial(nn.BatchNorm2d, eps=0.001)
    return network(conv(3, 8, 3, 2, activation=nn.Hardswish), block(config(8, 3, 16, 8, True, "RE", 2, 1, 1.0), norm),
                   block(config(8, 5, 24, 8, True, "HS", 1, 1, 1.0), norm), channels=8)


def inception():
    return network(conv(3, 8, 3, 2),
                   Branches(conv(8, 8, 1), nn.Sequential(conv(8, 6, 1), conv(6, 8, 5)),
                            nn.Sequential(conv(8, 4, 1), conv(4, 8, (1, 7)), conv(8, 8, (7, 1))),
                            nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(8, 4, 1))),
                   Branches(nn.Sequential(conv(28, 8, 3, 2)), nn.MaxPool2d(3, 2, 1)),
                   Branches(nn.Sequential(conv(36, 8, 1), Branches(conv(8, 4, (1, 3)), conv(8, 4, (3, 1)))), conv(36, 4, 1)),
                   channels=12)


def densenet():
    return models.DenseNet(4, (2, 3), 8, 2, num_classes=CLASSES)


def efficientnet():
    def block(expand, kernel, stride, channels, out):
        config = models.efficientnet.MBConvConfig(expand, kernel, stride, channels, out, 1)
        return models.efficientnet.MBConv(config, 0.0, nn.BatchNorm2d)
    return network(conv(3, 8, 3, 2, activation=nn.SiLU), block(1, 3, 1, 8, 8), block(4, 5, 2, 8, 8), block(4, 3, 1, 8, 8), channels=8)


def shufflenet():
    return models.ShuffleNetV2([2, 2, 1], [8, 16, 16, 24, 16], CLASSES)


def squeezenet():
    fire = models.squeezenet.Fire
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), fire(8, 4, 8, 8), fire(16, 4, 8, 8),
                         nn.Conv2d(16, CLASSES, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def vgg():
    return nn.Sequential(conv(3, 8, 3), nn.Conv2d(8, 12, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), conv(12, 12, 3), nn.MaxPool2d(4),
                         nn.Conv2d(12, 12, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(48, 24), nn.ReLU(),
                         nn.Dropout(), nn.Linear(24, CLASSES), nn.Softmax(1))


def vit():
    return networks.vit(32, 8, 1, 2, 8, CLASSES)


def keras():
    return networks.KerasNet(6, CLASSES)


def to_quantise():
    """Whose convolutions and products have int8 forms in ONNX itself."""
    return nn.Sequential(conv(3, 16, 3, 2), Residual(nn.Sequential(conv(16, 16, 3, groups=16), conv(16, 16, 1))),
                         Branches(nn.MaxPool2d(3, 1, 1), nn.AvgPool2d(3, 1, 1)), conv(32, 24, 3, 2), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), MatMul(24, CLASSES))


def make(maker, seed=1):
    torch.manual_seed(seed)
    made = maker().eval()
    networks.randomise(made, torch.randn(4, 3, 32, 32))
    return made
