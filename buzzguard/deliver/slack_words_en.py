"""Slack's own words in English."""

from __future__ import annotations

from buzzguard.deliver.slack_words import FieldWords, ModalWords, SlackWords
from buzzguard.model import AlarmReason

_WHY = FieldWords(label="Why", hint="It stands in the record.", placeholder="One sentence is enough")
_NOTE = FieldWords(label="In a few words", hint="It stands in the record.")

EN = SlackWords(
    language="en",
    close="Cancel",
    done="Close",
    button={
        "take_charge": "Take charge",
        "escalate": "Escalate now",
        "give": "Give to…",
        "silence": "Silence…",
        "resolve": "Resolve…",
        "dismiss": "False alarm…",
        "note": "Add a note…",
        "room": "Open a crisis room…",
        "useful": "👍 Useful",
        "noise": "👎 Noise",
    },
    menu={
        "merge": "Merge with another…",
        "split": "Split alerts off…",
        "new_normal": "This is the new normal…",
        "playbook": "Change the playbook…",
        "statement": "Statement published…",
    },
    modal={
        "give": ModalWords(
            title="Give the incident",
            submit="Give",
            intro="Whoever gets it is told at once. Choose a person *or* a department.",
            fields={
                "person": FieldWords(label="To a person", placeholder="Choose a person"),
                "department": FieldWords(label="Or to a department", placeholder="Choose a department"),
                "reason": _NOTE,
            },
        ),
        "silence": ModalWords(
            title="Silence the topic",
            submit="Silence",
            intro="Nobody is called about *{topic}* until then, unless it grows graver. A notice comes before the end.",
            fields={
                "for": FieldWords(label="For how long"),
                "custom": FieldWords(
                    label="Another duration",
                    hint="For example 90m, 2h30m or 3d; 7 days at most. It counts where “another” is chosen.",
                    placeholder="2h30m",
                ),
                "reason": _WHY,
            },
        ),
        "merge": ModalWords(
            title="Merge the incident",
            submit="Merge",
            intro="This incident becomes part of the other one: its alerts move there, and its own escalation ends.",
            fields={
                "into": FieldWords(label="Part of which incident", placeholder="Choose an incident"),
                "reason": _NOTE,
            },
        ),
        "split": ModalWords(
            title="Split alerts off",
            submit="Split off",
            intro="The chosen alerts become an incident of their own, which nobody has taken charge of yet.",
            fields={
                "alerts": FieldWords(label="Which alerts", hint="At least one stays.", placeholder="Choose alerts"),
                "reason": _NOTE,
            },
        ),
        "dismiss": ModalWords(
            title="False alarm",
            submit="Close as false alarm",
            intro="The incident closes for everybody and nobody else is told. The reason helps to tune the rules.",
            fields={
                "why": FieldWords(label="What it was"),
                "reason": FieldWords(label="In a few words", hint="Needed where “something else” is chosen."),
            },
        ),
        "new_normal": ModalWords(
            title="The new normal",
            submit="It is the new normal",
            intro="You say that *{topic}* will go on at this level. What is measured now counts as usual from here on: "
            "the incident closes, and only what goes *beyond this level* alerts again. Do not say it of a crisis "
            "that is merely lasting.",
            fields={"reason": _WHY},
        ),
        "note": ModalWords(
            title="Add a note",
            submit="Add",
            fields={
                "text": FieldWords(
                    label="Note",
                    hint="It goes to the incident’s thread and into the record, with your name and the time.",
                    placeholder="What was decided, learned or done",
                )
            },
        ),
        "resolve": ModalWords(
            title="Resolve the incident",
            submit="Resolve",
            intro="Resolved is final. If it begins again, a new incident points to this one.",
            fields={
                "summary": FieldWords(
                    label="Summary",
                    hint="What happened, what was done, what is left: it opens the report.",
                    placeholder="What happened, and what we did",
                )
            },
        ),
        "playbook": ModalWords(
            title="Change the playbook",
            submit="Change",
            intro="Steps that are done stay in the record; the list of what is to be done begins anew.",
            fields={"playbook": FieldWords(label="Playbook", placeholder="Choose a playbook"), "reason": _NOTE},
        ),
        "room": ModalWords(
            title="Open a crisis room",
            submit="Open the room",
            intro="A channel for this incident alone: the alert and its playbook go there, the people are invited.",
            fields={
                "name": FieldWords(
                    label="Name of the channel", hint="Lower-case letters, digits, - and _; 80 characters at most."
                ),
                "private": FieldWords(label="Who may see it"),
                "departments": FieldWords(label="Invite", placeholder="Choose departments"),
            },
        ),
        "statement": ModalWords(
            title="Statement published",
            submit="Note it",
            intro="BuzzGuard measures from this moment what the statement changed.",
            fields={
                "when": FieldWords(label="When it was published"),
                "reason": FieldWords(label="Where, or what it said", hint="It stands in the record."),
            },
        ),
        "declare": ModalWords(
            title="Declare an incident",
            submit="Declare",
            intro="Those whom the escalation policy names are told at once, as for an alert.",
            fields={
                "topic": FieldWords(label="Topic", placeholder="Choose a topic"),
                "severity": FieldWords(label="Severity"),
                "story": FieldWords(
                    label="What happens",
                    hint="One plain sentence: it is the first thing that everybody reads.",
                    placeholder="A video shows our lamp on fire",
                ),
                "playbook": FieldWords(label="Playbook", hint="Empty: the usual one.", placeholder="Choose a playbook"),
                "drill": FieldWords(label="Exercise"),
            },
        ),
        "draft_open": ModalWords(
            title="Prepare a statement",
            submit="Ask for approval",
            intro="Fill each field with what is *certain*, or strike it: its sentence then goes. Nothing that is not "
            "confirmed may go out. Approval: {chain}.",
            fields={
                "confirm": FieldWords(label="Confirmed: {what}", hint="Only what somebody has confirmed."),
                "unknown": FieldWords(label="Not known yet: {what}", hint="What is openly not known, and until when."),
                "fill": FieldWords(label="To fill in: {what}"),
                "strike": FieldWords(label="Or strike “{what}”"),
            },
        ),
        "draft_send_back": ModalWords(
            title="Send the draft back",
            submit="Send back",
            intro="Whoever prepared it is told, with your words.",
            fields={"reason": FieldWords(label="What must change", placeholder="One sentence is enough")},
        ),
        "refused": ModalWords(title="Not done", submit=""),
    },
    alarm={
        AlarmReason.HOMONYM: "Somebody or something else of the same name",
        AlarmReason.CAMPAIGN: "A campaign or an event of our own",
        AlarmReason.SPAM: "Spam, or a network of bots",
        AlarmReason.OLD_NEWS: "Old news that went round again",
        AlarmReason.OTHER: "Something else",
    },
    option={
        "30m": "30 minutes",
        "1h": "1 hour",
        "4h": "4 hours",
        "until": "until {when}",
        "custom": "another duration (below)",
        "private": "Only those who are invited (private channel)",
        "drill": "This is an exercise: it is marked as such everywhere",
        "strike": "Strike it: its sentence goes",
        "sent_back": "↩️ The last one was sent back: “{note}”",
        "nobody_asked": "nobody is asked",
    },
    error={
        "needed": "Please fill this in.",
        "one_of_both": "Choose a person or a department.",
        "not_both": "Choose a person or a department, not both.",
        "bad_duration": "This is no duration: write for example 90m, 2h30m or 3d, 7 days at most.",
        "too_late": "This moment is past: choose again.",
        "future": "This is still to come: say it once it has been published.",
        "bad_name": "Lower-case letters, digits, - and _ only, 80 characters at most.",
        "fill_or_strike": "Fill this field, or strike it.",
        "fill_and_strike": "It is filled and struck: leave one of both.",
        "no_choice": "Choose one.",
    },
    notice={
        "not_opened": "The window could not be opened. Press again.",
        "instead": " Or type: `{command}`",
        "instead_there": " Or, where BuzzGuard runs: `{command}`",
        "no_other": "No other incident is open that this one could become part of: nothing was changed.",
        "one_alert": "This incident has a single alert: there is nothing to split off.",
        "no_playbooks": "There is no playbook to choose from.",
        "no_topics": "No topic is watched: nothing can be declared.",
        "no_statement": "This statement is not in the incident’s playbook any more.",
        "too_many_fields": "This statement has too many fields for a window in Slack.",
        "useful": "Noted as useful: thank you. It counts when the rules are tuned.",
        "noise": "Noted as noise: thank you. It counts when the rules are tuned.",
        "published": "Noted: a statement was published. What it changes is measured from then on.",
        "not_understood": "BuzzGuard could not read this: nothing was changed. Open the window again.",
        "busy": "BuzzGuard takes longer than usual. The answer comes here.",
    },
    slash={
        "note": "/buzz note {incident} …",
        "resolve": "/buzz resolve {incident} …",
        "silence": "/buzz mute {topic} 1h …",
        "declare": "/buzz declare {topic} orange …",
    },
)
