# Which files change most: the places where the work is.
use strict;
use warnings;

my $work = $ENV{WORK};
my %changes;
open(my $in, '<', "$work/files.txt") or die "no list of files: $!";
while (<$in>) { chomp; $changes{$_}++ }
close $in;

$| = 1;
open(my $out, '>', "$work/files.md") or die "cannot write: $!";
print $out "| file | changes |\n|---|---:|\n";
my $shown = 0;
for my $file (sort { $changes{$b} <=> $changes{$a} || $a cmp $b } keys %changes) {
    last if ++$shown > 8;
    print "$file: $changes{$file}\n";
    print $out "| `$file` | $changes{$file} |\n";
    select(undef, undef, undef, 0.25);
}
close $out;
exit(system('chainwright', 'emit', 'files.counted') >> 8);
