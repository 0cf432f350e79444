-- One row a run and host that was asked sooner than we had promised.
-- defect: report it with these rows; the view promises has more of them.
SELECT source, host, violations, least_gap, promised_pause, first_at, run_id
FROM promises
WHERE violations > 0
ORDER BY first_at DESC, host
