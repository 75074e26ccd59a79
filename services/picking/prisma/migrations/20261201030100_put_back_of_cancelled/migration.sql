-- Deliveries that a version before cancelled with goods on the cart: these are to be put back. What was cancelled longer ago than a
-- month is back by now, or counted.
UPDATE deliveries d SET puts_back = true
WHERE d.status = 'cancelled' AND NOT d.puts_back AND d.changed_at > now() - interval '30 days' AND EXISTS (
  SELECT FROM delivery_lines l, jsonb_array_elements(l.picks) AS pick
  WHERE l.delivery_id = d.id AND (pick ->> 'picked')::numeric > 0);
