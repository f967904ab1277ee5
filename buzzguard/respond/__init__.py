"""Alert → incident, transition, notification: people are told, step by step, until somebody has taken charge.

Decided here:

- One open incident a topic. Only firing alerts open or join one.
- A graver severity begins the climb anew when it has a policy of its own or the old one was exhausted, breaks a silence
  made for less, and tells everybody again; it never takes the incident from its owner.
- People's acts come before the alerts of the same step: they judged what they saw.
- Calm does not stop the climb; only an act, a silence or the end of the incident does.
- A command to escalate ends a silence, and begins the policy again when all its steps were climbed.
- What fires on after people ended its incident stays quiet until it has resolved, or is graver than the incident was.
"""
