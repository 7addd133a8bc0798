"""What a claim has that makes some edits worth running: one bit each, gathered while its codes are looked up.

An edit whose features are absent passes unseen, which is what keeps a hundred edits fast. Bits come from the lines (how
many, which modifiers), from what the release says of their codes on the day, from diagnoses, documented facts and
the payer's packs.
"""

from __future__ import annotations

from enum import IntFlag, auto


class Feature(IntFlag):
    """One thing that a claim may have."""

    NONE = 0
    NO_LINE = auto()
    SEVERAL_LINES = auto()
    REPEATED_CODE = auto()
    """Two lines of the same code."""
    UNDATED = auto()
    """A line without a day, or with one that cannot be read."""
    UNUSUAL_DAY = auto()
    """A line of several days, or of a day to come."""
    UNUSUAL_UNITS = auto()
    """Units that are no whole number above zero."""
    PRICED = auto()
    """A unit price, or a charge below zero."""
    NO_CODE = auto()
    DISPLAY = auto()
    WRONG_SYSTEM = auto()
    UNKNOWN_CODE = auto()
    OUT_OF_FORCE = auto()
    """A code that is not in force on the day, or may not be, or of which no table tells."""
    OUTSIDE_NCCI = auto()
    NPI = auto()

    # What kind of service a code is
    CATEGORY_II = auto()
    EVALUATION = auto()
    SUPPLIES = auto()
    NEW_PATIENT = auto()
    """A code for a patient who is new to the group and specialty."""
    TIMED_EVALUATION = auto()
    """An E/M code whose level may be chosen by minutes."""
    LEVELLED_EVALUATION = auto()
    """An E/M code whose level is chosen by medical decision making."""
    PROLONGED = auto()
    """Prolonged service."""
    TIMED_THERAPY = auto()
    """A therapy code billed in units of 15 minutes."""
    REMOTE_MONITORING = auto()
    ANESTHESIA = auto()
    AMBULANCE = auto()
    BOUND_TO_PLACE = auto()
    """A code that belongs in some places of service and not in others."""

    # What the tables say of a code
    SPECIAL_STATUS = auto()
    MINOR_SURGERY = auto()
    """Global days 000 or 010."""
    MAJOR_SURGERY = auto()
    """Global days 090."""
    GLOBAL_PERIOD = auto()
    """Global days 010 or 090: days after the surgery are part of it."""
    NA_PLACE = auto()
    """A practice expense that the fee schedule marks NA for one kind of place."""
    NA_OUTSIDE = auto()
    """The same for places outside facilities."""
    ADD_ON = auto()
    MUE_LINE = auto()
    MUE_DATE = auto()
    OVER_MUE = auto()
    """A line with more units than its code's MUE."""
    COVERED = auto()
    """A coverage policy speaks of the code."""

    # Modifiers
    SEVERAL_MODIFIERS = auto()
    """More than one modifier on a line."""
    UNFIT_MODIFIER = auto()
    """A modifier that is unknown or not in force."""
    UNRELATED_VISIT_MODIFIER = auto()
    """24."""
    SEPARATE_VISIT_MODIFIER = auto()
    """25."""
    DECISION_MODIFIER = auto()
    """57."""
    SEPARATING_MODIFIER = auto()
    """59, XE, XS, XP or XU."""
    COMPONENT_MODIFIER = auto()
    """26 or TC."""
    BILATERAL_MODIFIER = auto()
    """50."""
    SIDE_MODIFIER = auto()
    """LT or RT."""
    MULTIPLE_MODIFIER = auto()
    """51."""
    ASSISTANT_MODIFIER = auto()
    """80, 81, 82 or AS."""
    SURGEONS_MODIFIER = auto()
    """62 or 66: more than one surgeon."""
    DISCONTINUED_MODIFIER = auto()
    """53."""
    SETTING_MODIFIER = auto()
    """27, 53, 73 or 74."""
    LABORATORY_MODIFIER = auto()
    """90, 91 or 92."""
    PHYSICAL_STATUS_MODIFIER = auto()
    """P1 to P6."""
    CATEGORY_II_MODIFIER = auto()
    """1P, 2P, 3P or 8P."""
    DOCUMENTED_MODIFIER = auto()
    """22, 52, 53 or 66: a modifier that payers want explained."""
    TELEHEALTH_MODIFIER = auto()

    # Places
    NO_OFFICE = auto()
    """A place of service other than the office."""
    TELEHEALTH_PLACE = auto()
    """Place of service 02 or 10."""

    # Diagnoses
    SEVERAL_DIAGNOSES = auto()
    UNFIT_DIAGNOSIS = auto()
    """A diagnosis that is unknown, not in force, not billable or of another code system."""
    NOT_FIRST_DIAGNOSIS = auto()
    """A diagnosis that may not stand first: an external cause or a manifestation."""
    AGE_DIAGNOSIS = auto()
    SEX_DIAGNOSIS = auto()
    SIDED_DIAGNOSIS = auto()
    """A diagnosis of the left or the right side."""

    # What came with the claim, and who asks for more
    MINUTES = auto()
    """Documented minutes."""
    DECISION_MAKING = auto()
    """Documented elements of medical decision making."""
    AUTHORIZATION = auto()
    """The claim names a prior authorisation."""
    PACK_AUTHORIZATION = auto()
    """The payer's pack asks for prior authorisations."""
    PACK_DIAGNOSIS = auto()
    """The payer's pack asks for diagnoses."""
