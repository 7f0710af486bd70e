"""Errors of image models under corruption: what RobustBench and the authors of ImageNet-C print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from plimsoll.selfcheck.case import Case
from plimsoll.stats.corruption_error import Errors, corruption_error, mean_of
from plimsoll.stats.influence import Value

BENCH = "RobustBench, ImageNet-C; doi:10.48550/arXiv.2010.09670"
AUTHORS = "github.com/hendrycks/robustness; arXiv:1903.12261"
Rates = tuple[float, ...]

# Accuracies at severities 1 to 5 that RobustBench prints, on 5,000 images of ImageNet-C
# (github.com/RobustBench/robustbench, model_info/imagenet/corruptions): unaggregated_results.csv at 1b5eb2c
# for the first two, unaggregated_results_2d.csv at 24ce20d for the third.
STANDARD_R50: Mapping[str, Rates] = {
    "shot_noise": (0.5728, 0.4276, 0.2724, 0.1074, 0.0542),
    "motion_blur": (0.6236, 0.5112, 0.351, 0.2, 0.1314),
    "snow": (0.5174, 0.2986, 0.3252, 0.2114, 0.1562),
    "pixelate": (0.6326, 0.6026, 0.4826, 0.328, 0.2308),
    "gaussian_noise": (0.5892, 0.4718, 0.2966, 0.1492, 0.047),
    "defocus_blur": (0.5628, 0.4892, 0.3426, 0.2404, 0.1514),
    "brightness": (0.717, 0.6998, 0.669, 0.62, 0.5558),
    "fog": (0.5882, 0.532, 0.441, 0.3742, 0.2274),
    "zoom_blur": (0.526, 0.4324, 0.3556, 0.287, 0.2282),
    "frost": (0.5802, 0.3928, 0.2844, 0.2618, 0.203),
    "glass_blur": (0.5216, 0.389, 0.1688, 0.12, 0.0892),
    "impulse_noise": (0.4728, 0.3714, 0.2966, 0.1398, 0.047),
    "contrast": (0.6188, 0.5512, 0.4282, 0.175, 0.0442),
    "jpeg_compression": (0.6402, 0.6014, 0.5774, 0.4738, 0.3334),
    "elastic_transform": (0.66, 0.4446, 0.5298, 0.3936, 0.1476),
}
MANY_FACES: Mapping[str, Rates] = {
    "shot_noise": (0.7074, 0.674, 0.6132, 0.506, 0.433),
    "motion_blur": (0.695, 0.6192, 0.4864, 0.2936, 0.19),
    "snow": (0.5976, 0.4328, 0.4358, 0.332, 0.275),
    "pixelate": (0.7392, 0.7346, 0.7036, 0.6072, 0.4386),
    "gaussian_noise": (0.71, 0.6796, 0.6272, 0.5458, 0.4282),
    "defocus_blur": (0.6656, 0.6154, 0.499, 0.378, 0.256),
    "brightness": (0.7368, 0.7282, 0.7062, 0.67, 0.6236),
    "fog": (0.6336, 0.573, 0.4924, 0.4586, 0.3266),
    "zoom_blur": (0.5778, 0.4748, 0.3978, 0.3218, 0.2538),
    "frost": (0.6462, 0.5154, 0.418, 0.3926, 0.3328),
    "glass_blur": (0.6618, 0.5528, 0.3018, 0.2386, 0.1682),
    "impulse_noise": (0.6854, 0.6558, 0.6238, 0.541, 0.4504),
    "contrast": (0.6832, 0.6324, 0.5378, 0.3118, 0.0968),
    "jpeg_compression": (0.683, 0.655, 0.6322, 0.5248, 0.3494),
    "elastic_transform": (0.7046, 0.4822, 0.6084, 0.4904, 0.2376),
}
R50_AGAIN: Mapping[str, Rates] = {
    "shot_noise": (0.5744, 0.4294, 0.2528, 0.0792, 0.029),
    "impulse_noise": (0.4844, 0.358, 0.2546, 0.083, 0.0182),
    "defocus_blur": (0.5956, 0.5152, 0.382, 0.2748, 0.183),
    "contrast": (0.6494, 0.5852, 0.469, 0.2122, 0.0546),
    "brightness": (0.7392, 0.7244, 0.6956, 0.6498, 0.5866),
    "jpeg_compression": (0.6664, 0.6244, 0.5982, 0.4728, 0.3144),
    "pixelate": (0.6402, 0.6426, 0.4598, 0.2898, 0.2068),
    "glass_blur": (0.54, 0.4012, 0.1688, 0.131, 0.1024),
    "motion_blur": (0.6382, 0.537, 0.3758, 0.2154, 0.1482),
    "zoom_blur": (0.529, 0.4324, 0.358, 0.2878, 0.2206),
    "gaussian_noise": (0.5978, 0.4686, 0.2748, 0.1128, 0.0218),
    "fog": (0.6138, 0.5612, 0.4704, 0.4088, 0.241),
    "frost": (0.615, 0.4346, 0.309, 0.2896, 0.2294),
    "snow": (0.5498, 0.3154, 0.3518, 0.2382, 0.1654),
    "elastic_transform": (0.6704, 0.4556, 0.5526, 0.4196, 0.1746),
}
# Mean errors of AlexNet over the five severities, as the authors publish them for the denominators.
ALEXNET: Mapping[str, float] = {
    "gaussian_noise": 0.886428, "shot_noise": 0.894468, "impulse_noise": 0.922640,
    "defocus_blur": 0.819880, "glass_blur": 0.826268, "motion_blur": 0.785948, "zoom_blur": 0.798360,
    "snow": 0.866816, "frost": 0.826572, "fog": 0.819324, "brightness": 0.564592,
    "contrast": 0.853204, "elastic_transform": 0.646056, "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
}  # fmt: skip


def robustness_cases() -> Iterator[Case]:
    """Return the cases of corrupted images."""
    for name, rates, expected, tolerance in (
        ("ResNet-50", STANDARD_R50, 38.12, 0.5e-2),
        ("DeepAugment", MANY_FACES, 51.61, 0.5e-2),
        ("ResNet-50, anew", R50_AGAIN, 39.2304, 0.5e-4),
    ):
        compute = partial(_accuracy, rates)
        yield Case(f"ImageNet-C: accuracy of {name}, in %", BENCH, expected, tolerance, compute)
    # Printed for 50,000 images, while the rates are of 5,000: a last digit more or less is allowed.
    yield Case("ImageNet-C: mCE of ResNet-50 against AlexNet, in %", AUTHORS, 76.7, 0.1, _mce)


def _known(rate: float) -> Value:
    return Value(rate, np.empty(0))


def errors(name: str, accuracies: Mapping[str, Rates]) -> Errors:
    """Return published accuracies as errors that are taken as known."""
    return Errors(name, {c: [_known(1.0 - a) for a in row] for c, row in accuracies.items()})


def alexnet() -> Errors:
    """Return the published errors of AlexNet, the mean at every severity: only their sum counts."""
    return Errors("AlexNet", {name: [_known(rate)] * 5 for name, rate in ALEXNET.items()})


def _accuracy(rates: Mapping[str, Rates]) -> float:
    found = errors("", rates)
    return 100.0 * (1.0 - mean_of([mean_of(row) for row in found.corrupted.values()]).value)


def _mce() -> float:
    model, baseline = errors("ResNet-50", R50_AGAIN), alexnet()
    found = [corruption_error(model, baseline, name) for name in model.corrupted]
    return 100.0 * mean_of([value for value in found if value is not None]).value
