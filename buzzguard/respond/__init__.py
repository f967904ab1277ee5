"""Alert → incident, transition, notification: people are told, step by step, until somebody has taken charge.

Decided here:

- One open incident a topic and story: a second, different story on a topic is a second incident, and each points to the
  other. Only firing alerts open or join one.
- A graver severity begins the climb anew when it has a policy of its own, the old one was exhausted or somebody had
  taken charge of less: whoever answered for orange has not answered for red. They stay the owner and are asked again.
  It breaks a silence made for less and tells everybody. A climb under way goes on: to begin it again would keep those
  waiting who were not told yet.
- While an alert fires people are never left without a word: the climb, then a reminder each `remind_every`, whoever is
  in charge. Any news puts the reminder off.
- People's acts come before the alerts of the same step: they judged what they saw.
- Calm does not stop the climb; only an act, a silence or the end of the incident does.
- A command to escalate ends a silence, and begins the policy again when all its steps were climbed.
- An alert is held by one open incident: merging and splitting pass it on, and it stays where people put it.
- What people declared ends when people end it; what they give to somebody is triggered again, so that it rests with
  nobody who never heard of it.
- A drill and the real never mix: not in alerts, relapses, relations, silences, or merges.
- What fires on after people ended its incident stays quiet for a day, unless it resolves and fires anew or is graver
  than the incident was. After that day they are asked again: a silence has an end, and so has a judgement.
"""
