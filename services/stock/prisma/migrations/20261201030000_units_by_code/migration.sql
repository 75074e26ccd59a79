-- Products that wait for a unit are looked at again: it may have been told by a code that is understood by now.
UPDATE kit.parked SET due = true, wakes = wakes + 1
WHERE resolved_at IS NULL AND state = 'waiting' AND wait_key LIKE 'unit:%';
