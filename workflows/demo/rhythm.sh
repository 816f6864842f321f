# On which days of the week the work is done, as a chart of text.
set -eu
cut -f3 "$WORK/commits.tsv" | cut -c1 | sort | uniq -c | awk '
  { count[$2] = $1; if ($1 > most) most = $1 }
  END {
    split("Mon Tue Wed Thu Fri Sat Sun", day, " ")
    for (d = 1; d <= 7; d++) {
      bar = ""
      for (i = 0; i < 30 * count[d] / most; i++) bar = bar "▇"
      printf "%s %4d %s\n", day[d], count[d], bar
    }
  }' >"$WORK/rhythm.txt"
while read -r line; do
  echo "$line"
  sleep 0.25
done <"$WORK/rhythm.txt"
chainwright emit rhythm.counted
