# Reads the history once and leaves it as plain tables for the others.
set -eu
mkdir -p "$WORK"
tab=$(printf '\t')
echo "reading $REPOSITORY"
git -C "$REPOSITORY" log --no-merges --date=format:'%u %H %Y-%m-%d' --format="%h${tab}%an${tab}%ad${tab}%s" -n 500 >"$WORK/commits.tsv"
git -C "$REPOSITORY" log --no-merges --format= --name-only -n 500 | sed '/^$/d' >"$WORK/files.txt"
basename "$(git -C "$REPOSITORY" rev-parse --show-toplevel 2>/dev/null || echo "$REPOSITORY")" >"$WORK/name.txt"
total=$(wc -l <"$WORK/commits.tsv" | tr -d ' ')
cut -f4 "$WORK/commits.tsv" | head -n 8 | while read -r subject; do
  echo "  $subject"
  sleep 0.2
done
echo "commits=$total" >>"$CHAINWRIGHT_OUTPUT"
chainwright emit history.ready --data "{\"commits\": $total}"
echo "$total commits"
