# All three are there: say so to the writer.
set -eu
for part in people.md files.md rhythm.txt; do
  test -s "$WORK/$part"
  echo "have $part ($(wc -l <"$WORK/$part" | tr -d ' ') lines)"
  sleep 0.3
done
chainwright emit facts.ready
