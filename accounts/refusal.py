"""Why an act on an account was not carried out. Nothing was changed then."""


class Refused(Exception):
    """The act is not allowed or not possible now; nothing was changed."""


class TooManyInvitations(Refused):
    """So many people were asked today that the next must wait."""


class LinkEnded(Refused):
    """The link was used, is too old, or what it was for has been settled."""
