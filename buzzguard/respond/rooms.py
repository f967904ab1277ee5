"""The place made for one crisis, and the messages that people keep for the record."""

from __future__ import annotations

from msgspec.structs import replace

from buzzguard.model import Cause, Command, Incident, Pinned, Room
from buzzguard.respond.turn import Turn


def open_room(turn: Turn, incident: Incident, command: Command) -> str:
    """A room was made: whoever is told of the incident hears where it is. One incident has one room."""
    room = command.asked
    if not isinstance(room, Room) or not room.place:
        return "not_possible"
    if incident.room is not None:
        return "room_is_open"
    detail = {"room": room.name, "url": room.url}
    moved = replace(incident, room=room)
    turn.move(moved, Cause.ROOM_OPENED_BY_USER, who=command.who, reason=command.reason, detail=detail)
    return ""


def keep_message(_turn: Turn, _incident: Incident, command: Command) -> str:
    """A message is kept for the record, or no longer: the command is its record; nobody is told, nothing changes."""
    return "" if isinstance(command.asked, Pinned) and command.asked.ref else "not_possible"
