"""The networks of networks.py, as others define them: torchvision's, and those that it lacks. Their weights are random, and so
are the statistics of every BatchNormalization, so that folding it into the convolution before it is seen to be right."""

import torch
import torchvision
from torch import nn


class MobileNetV1(nn.Sequential):
    """Howard et al., "MobileNets", 2017, table 1."""

    def __init__(self, width=32, blocks=((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
                                         (1024, 2), (1024, 1)), classes=1000):
        layers, channels = self.layer(3, width, 3, 2), width
        for out, stride in blocks:
            layers += self.layer(channels, channels, 3, stride, channels) + self.layer(channels, out, 1)
            channels = out
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))

    @staticmethod
    def layer(channels, out, kernel, stride=1, groups=1):
        return [nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(out), nn.ReLU6()]


class ChannelsLast(nn.Module):
    """Takes N x H x W x C, as what Keras and tf2onnx export does."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x.permute(0, 3, 1, 2))


class KerasLayer(nn.Module):
    """A layer as tf2onnx leaves it when nothing around it could be simplified: it lies between two Transposes, the rest works on
    N x H x W x C; "same" padding is one-sided for a stride of 2, and a Pad of its own."""

    def __init__(self, channels, out, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, groups=groups, bias=False)
        self.pad = [(kernel - stride) // 2 if kernel > 1 else 0, (kernel - stride + 1) // 2 if kernel > 1 else 0] * 2
        self.scale, self.shift = nn.Parameter(torch.rand(out) + 0.5), nn.Parameter(torch.randn(out) * 0.1)

    def forward(self, x):
        x = nn.functional.pad(x, [0, 0, *self.pad])
        x = self.conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return torch.clamp(x * self.scale + self.shift, 0, 6)


class KerasNet(nn.Module):
    def __init__(self, width=32, classes=1000):
        super().__init__()
        self.begin = KerasLayer(3, width, 3, 2)
        self.blocks = nn.ModuleList(nn.Sequential(KerasLayer(width, 2 * width, 1), KerasLayer(2 * width, 2 * width, 3, 1, 2 * width),
                                                  KerasLayer(2 * width, width, 1)) for _ in range(3))
        self.branches = nn.ModuleList([KerasLayer(width, width, 5, 2), KerasLayer(width, width, 1, 2)])
        self.end = nn.Linear(2 * width, classes)

    def forward(self, x):
        x = self.begin(x.permute(0, 2, 3, 1))
        for block in self.blocks:
            x = x + block(x)
        x = torch.cat([branch(x) for branch in self.branches], dim=3)
        return self.end(x.mean(dim=(1, 2))).softmax(1)


def vit(size=224, patch=16, layers=12, heads=3, width=192, classes=1000):
    return torchvision.models.VisionTransformer(size, patch, layers, heads, width, 4 * width, num_classes=classes)


def inception():
    return torchvision.models.inception_v3(aux_logits=False, init_weights=False)


# name: how it is made, the sides of its pictures, can they be of any size?, the lowest opset that has its operators
NETWORKS = {
    "resnet50": (torchvision.models.resnet50, 224, True, 9),
    "mobilenet_v1": (MobileNetV1, 224, True, 9),
    "mobilenet_v2": (torchvision.models.mobilenet_v2, 224, True, 9),
    "mobilenet_v3_small": (torchvision.models.mobilenet_v3_small, 224, True, 9),
    "mobilenet_v3_large": (torchvision.models.mobilenet_v3_large, 224, True, 9),
    "inception_v3": (inception, 299, True, 9),
    "densenet121": (torchvision.models.densenet121, 224, True, 9),
    "efficientnet_b0": (torchvision.models.efficientnet_b0, 224, True, 9),
    "shufflenet_v2": (torchvision.models.shufflenet_v2_x1_0, 224, True, 9),
    "squeezenet1_1": (torchvision.models.squeezenet1_1, 224, True, 9),
    "vgg16": (torchvision.models.vgg16, 224, False, 9),
    "vgg16_bn": (torchvision.models.vgg16_bn, 224, False, 9),
    "googlenet": (lambda: torchvision.models.googlenet(aux_logits=False, init_weights=False), 224, True, 9),
    "resnext50": (torchvision.models.resnext50_32x4d, 224, True, 9),
    "regnet_y_400mf": (torchvision.models.regnet_y_400mf, 224, True, 9),
    "convnext_tiny": (torchvision.models.convnext_tiny, 224, True, 9),
    "vit_tiny": (vit, 224, False, 14),
    "keras_style": (KerasNet, 224, False, 9),
}


def make(name, seed=1):
    """The network, ready to be exported."""
    torch.manual_seed(seed)
    maker, size = NETWORKS[name][:2]
    network = maker().eval()
    randomise(network, torch.randn(4, 3, size, size))
    return network


def randomise(network, pictures):
    """Statistics about those of the pictures: as each is set, the layers behind it see what it makes of them, so that the values
    keep their size. Far from them, rounding errors grow from layer to layer until no two programs agree."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, 0, 0.2)
            layer.register_forward_pre_hook(set_statistics)
        elif isinstance(layer, nn.Linear) and not layer.weight.any():
            nn.init.xavier_uniform_(layer.weight)
    with torch.no_grad():
        network(pictures)
    for layer in network.modules():
        layer._forward_pre_hooks.clear()  # pylint: disable=protected-access


def set_statistics(norm, inputs):
    variance, mean = torch.var_mean(inputs[0], dim=(0, 2, 3))
    variance.clamp_(min=0.1 * variance.mean())
    norm.running_var.copy_(variance * (torch.rand_like(variance) + 0.5))
    norm.running_mean.copy_(mean + torch.randn_like(mean) * 0.2 * variance.sqrt())
