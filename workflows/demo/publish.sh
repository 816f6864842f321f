# Puts the accepted draft where people look for it.
set -eu
cp "$DRAFT" "$WORK/report.md"
sed -n '1,12p' "$WORK/report.md"
echo "report=$CHAINWRIGHT_WORKSPACE/$WORK/report.md" >>"$CHAINWRIGHT_OUTPUT"
