"""What each measure tells, in a few words for a person without statistics."""

from __future__ import annotations

GLOSSES: dict[str, str] = {
    "accuracy": "share of all answers that are right",
    "balanced_accuracy": "share of right answers, each class counting the same",
    "precision": "of those it flags, the share it is right about",
    "recall": "of those it should flag, the share it finds",
    "specificity": "of those it should leave alone, the share it does",
    "f1": "one number for both finding cases and being right about them",
    "matthews_corrcoef": "agreement with the truth: 0 is chance, 1 is perfect",
    "roc_auc": "how often it ranks a true case above a false one",
    "average_precision": "how clean the top of its ranking is",
    "log_loss": "cost of being sure and wrong; lower is better",
    "brier_score": "squared gap between stated chance and outcome; lower is better",
    "selection_rate": "share of all cases that it flags",
    "base_rate": "share of all cases that are true cases",
    "false_positive_rate": "of those it should leave alone, the share it flags",
    "false_negative_rate": "of those it should flag, the share it misses",
    "mcb": "what is lost because stated chances are off; 0 is best",
    "dsc": "what is won by telling cases apart",
    "unc": "how hard the task is by itself",
    "ece": "average gap between stated chance and outcome",
    "calibration_slope": "1 means stated chances are as bold as they should be",
    "calibration_intercept": "0 means stated chances are right on average",
    "mean_absolute_error": "how far off it is in a usual case",
    "root_mean_squared_error": "how far off it is, large misses counting more",
    "median_absolute_error": "half of its answers are closer than this",
    "mean_absolute_percentage_error": "how far off it is, as a share of the truth",
    "mean_error": "how far off it is to one side, on average",
    "r2": "share of the ups and downs that it explains",
    "mcb_p": "how often luck alone would make chances look this far off",
    "ece_null_high": "the most that luck alone would make of the gap",
    "spiegelhalter_z": "how far stated chances are off; near 0 is luck",
    "spiegelhalter_p": "how often luck alone would put them this far off",
    "recalibration_gain": "what mending the stated chances would win",
    "interval_coverage": "how often its stated ranges hold the truth",
    "interval_width": "how wide its stated ranges are",
    "interval_score": "width of its ranges plus a fine for each miss",
    "quantile_coverage": "how often the truth lies below what it states",
    "cost": "what its mistakes cost",
    "left_out_rate": "share of rows that could not be judged",
    "missing_rate": "share of cells without a value",
    "missing_rate_change": "change in the share of cells without a value",
    "difference": "this one minus the other one",
    "selection_rate_ratio": "how often one group is flagged, against another",
    "ks": "share of rows that would have to change to look as before",
    "total_variation": "share of rows that would have to change to look as before",
    "wasserstein_sigma": "how far numbers moved, in units of their usual spread",
    "jensen_shannon": "how unlike now and before are, from 0 to 1",
    "psi": "how unlike now and before are; 0 is alike",
    "new_values_rate": "share of rows with a value that was not there before",
    "domain_classifier_auc": "how well now and before are told apart; 0.5 is luck",
    "expected_change": "what a change of the inputs alone would do to a measure",
    "calibration_gap": "how much more, or less, happens than is stated",
    "selection_rate_difference": "gap in how often groups are chosen",
    "recall_difference": "gap in how many of its cases are found, between groups",
    "false_positive_rate_difference": "gap in how often groups are flagged wrongly",
    "precision_difference": "gap in how often a flag is right, between groups",
    "accuracy_difference": "gap in how often it is right, between groups",
    "change_within_slices": "part of a change from slices getting better or worse",
    "change_of_mix": "part of a change from other cases being more frequent",
    "load_line": "how much stress it takes before it breaks a limit",
    "severity": "how much of one stress: a share of rows, or a size",
    "exposure": "how much of a stress today's rows already hold",
    "freeboard": "how much more of a stress it carries than it meets today",
    "retention": "share of its edge over a constant that is left under stress",
}

SEVERAL_CLASSES: dict[str, str] = {
    "precision": "Of 100 rows it puts in a class, about {value} belong there (likely {low} to "
    "{high}), averaged over the classes.",
    "recall": "Of 100 rows of a class, it finds about {value} (likely {low} to {high}), averaged "
    "over the classes.",
    "roc_auc": "Of 100 pairs of one row of a class and one of another, it puts about {value} in the "
    "right order (likely {low} to {high}), averaged over the classes.",
}
"""What an average over several classes says; the plain words of the measure speak of two."""


def gloss(name: str) -> str:
    """Return in a few words what a measure tells, or an empty string for one without a gloss."""
    text = GLOSSES.get(name, "")
    return text[:1].upper() + text[1:]
