"""What to do, in plain words, about each way in which Slack refuses for good."""

from __future__ import annotations

_NEW_TOKEN = "Install the app in the workspace again and put the new bot token (xoxb-…) where BuzzGuard reads it"
_ASK_ADMIN = "Ask an administrator of the workspace to allow it"

_HINTS = {
    "invalid_auth": f"The token is wrong. {_NEW_TOKEN}",
    "not_authed": f"No token was sent. {_NEW_TOKEN}",
    "token_revoked": f"The token was revoked. {_NEW_TOKEN}",
    "token_expired": f"The token has expired; switch token rotation off in the app. {_NEW_TOKEN}",
    "account_inactive": f"The app was removed or its workspace deleted. {_NEW_TOKEN}",
    "not_allowed_token_type": "This is the wrong kind of token: `token` wants xoxb-…, `app_token` wants xapp-…",
    "channel_not_found": "Check the channel id (channel details, at the bottom); invite the app if it is private",
    "not_in_channel": "Invite the app: type /invite @BuzzGuard in the channel",
    "is_archived": "The channel is archived: restore it or give another one to the receiver",
    "is_inactive": "The channel is archived: restore it or give another one to the receiver",
    "user_not_in_channel": "The person has left the channel",
    "team_access_not_granted": _ASK_ADMIN,
    "access_denied": _ASK_ADMIN,
    "accesslimited": _ASK_ADMIN,
    "no_permission": _ASK_ADMIN,
    "ekm_access_denied": "The company's key management blocks posting. " + _ASK_ADMIN,
    "enterprise_is_restricted": _ASK_ADMIN,
    "org_login_required": "The workspace is being moved to another organisation; wait until that is done",
    "team_added_to_org": "The workspace is being moved to another organisation; wait until that is done",
    "two_factor_setup_required": "The workspace wants two-factor sign-in. " + _ASK_ADMIN,
    "restricted_action": "The workspace forbids the app to post there. " + _ASK_ADMIN,
    "restricted_action_read_only_channel": "Only some people may post in this channel. Allow the app in its settings",
    "restricted_action_thread_only_channel": "This channel takes only replies: give another one to the receiver",
    "file_uploads_disabled": "Uploads are switched off in the workspace: alerts go out without their chart",
    "storage_limit_reached": "The workspace's storage is full: alerts go out without their chart",
    "forbidden_team": "The app is not allowed in this workspace. " + _ASK_ADMIN,
    "message_not_found": "The message was deleted",
    "cant_update_message": "The message was posted by another app",
    "edit_window_closed": "The workspace no longer allows this message to be edited",
    "unknown_method": "base_url does not lead to Slack's API; it normally ends with /api/",
}


def hint_for(code: str, needed: str = "") -> str:
    """One line that says what a person can do about Slack's error `code`; `needed` is the scope it asks for."""
    if code == "missing_scope":
        return f"Add the scope {needed or 'named at api.slack.com'} to the app and install it again"
    return _HINTS.get(code, "See https://docs.slack.dev for what this code means")
