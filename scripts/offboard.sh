#!/bin/sh
# Removes a product that Slipway installed, without help from the installed programs (they may be missing or broken).
# What is removed: the lines of /var/lib/slipway/ID/undo.list, last one first, and the folders that every product has.
# Offboarding hooks of the product are not run; `slipway offboard` does that.
set -u
LC_ALL=C
export LC_ALL
umask 022

usage() {
  cat <<'EOF'
usage: offboard.sh [--root DIR] [--yes] [--dry-run] [--keep-logs] [--keep-data] ID

Removes the product ID: stops its units, removes its files and its users, and gives back the units that it took over.
Can be run again after an interruption.

  --root DIR    work below DIR, without systemd; users are removed from DIR/etc/passwd and its kin
  --yes         do not ask
  --dry-run     list every path and unit that would be touched; touch nothing
  --keep-logs   leave /var/log/slipway/ID
  --keep-data   leave the product's data below /var/lib

example: offboard.sh --yes room-agent
exit codes: 0 done, 11 not root, 31 something could not be removed (run it again), 32 `slipway run`
            is at work on it, 60 not installed, 64 usage
EOF
}

die() { # CODE MESSAGE REMEDY
  printf 'ERROR: %s\n%s\n' "$2" "$3" >&2
  exit "$1"
}

root='' yes=false dry=false keep_logs=false keep_data=false id=''
while [ $# -gt 0 ]; do
  case $1 in
    # Empty is somebody's unset variable, and must not come to mean this machine.
    --root) [ -n "${2:-}" ] || die 64 '--root needs a folder' 'Name a folder that is there.'; root=$2; shift ;;
    --root=) die 64 '--root needs a folder' 'Name a folder that is there.' ;;
    --root=*) root=${1#--root=} ;;
    --yes) yes=true ;;
    --dry-run) dry=true ;;
    --keep-logs) keep_logs=true ;;
    --keep-data) keep_data=true ;;
    --help) usage; exit 0 ;;
    -*) die 64 "unknown option $1" 'See offboard.sh --help.' ;;
    *) [ -z "$id" ] || die 64 'more than one product named' 'See offboard.sh --help.'; id=$1 ;;
  esac
  shift
done
case $id in
  '' | [!a-z]* | *[!a-z0-9-]* | *-rollout | root | targets | snapshot | timestamp | ????????????????????????*)
    die 64 "'$id' is not a product's id" 'Use a-z, 0-9 and -, at most 23 characters, as in: offboard.sh room-agent' ;;
esac
host=true
if [ -n "$root" ]; then
  root=$(CDPATH='' cd -P -- "$root" 2>/dev/null && pwd -P) ||
    die 64 '--root is not a folder' 'Name a folder that is there.'
  if [ "$root" = / ]; then root=''; else host=false; fi
fi
if $host && ! $dry && [ "$(id -u)" -ne 0 ]; then
  die 11 'Please run this application with elevated privileges' "Run it again with sudo: sudo offboard.sh $id"
fi

user_is_root=true
[ "$(id -u)" -eq 0 ] || user_is_root=false
tab=$(printf '\t')
state=$root/var/lib/slipway/$id
list=$state/undo.list
systemd=$root/etc/systemd/system
failed=false
# In the second line of every dispatcher.
made_by='Made by Slipway; removed with the last product.'

say() { printf '%s\n' "$*"; }
skip() { printf 'skipped: %s\n' "$*" >&2; }
fail() { printf 'FAILED: %s\n' "$*" >&2; failed=true; }
there() { [ -e "$1" ] || [ -L "$1" ]; }
use_systemd() { $host && [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; }

# Whether no folder above $1 (below the root) is a link: what lies behind one is not ours.
no_link_above() {
  above=${1%/*}
  while [ -n "$above" ] && [ "$above" != "$root" ]; do
    [ -L "$above" ] && return 1
    above=${above%/*}
  done
}

# Installed trees are read-only, which stops everybody but root.
writable() { $user_is_root || find -P "$1" -xdev -type d ! -perm -700 -exec chmod u+rwx {} +; }

# Removes the file or tree $1 as find sees it: no link followed, no other file system entered.
remove() {
  there "$1" || return 0
  if ! no_link_above "$1"; then
    fail "$1: $above is a symbolic link; look where it leads and remove it by hand"
  elif $dry; then
    find -P "$1" -xdev -exec printf 'would remove %s\n' {} +
  elif writable "$1" && find -P "$1" -xdev -depth -delete; then
    say "removed ${1#"$root"}"
  else
    fail "$1 could not be removed whole; is something mounted in it?"
  fi
}

remove_empty() { # a folder that several products share
  if ! $dry && [ -d "$1" ] && [ ! -L "$1" ] && no_link_above "$1"; then rmdir "$1" 2>/dev/null || :; fi
}

# The lines of the undo list, last one first. A last line without its newline was never written whole, and what it
# names was therefore never taken.
entries() {
  [ -f "$list" ] && [ ! -L "$list" ] && no_link_above "$list" || return 0
  awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' <<EOF
$(if [ -n "$(tail -c 1 "$list")" ]; then sed '$d' "$list"; else cat "$list"; fi)
EOF
}
fields() { entries | awk -F "$tab" -v kind="$1" '$1 == kind && NF == 2 { print $2 }'; }

# Whether unit file $1 can be this product's. ID-*.service may be another's (ID "room" and ID "room-agent"), so it
# counts only where the list names it, or where it runs something of this product.
our_unit() {
  case $1 in
    *[!A-Za-z0-9:_.@-]* | *..*) return 1 ;;
    slipway-?*@"$id".?* | "$id"-?*.?*) return 0 ;;
    slipway-pac-"$id".socket | slipway-pac-"$id"@.service) return 0 ;;
    slipway-signer-"$id".socket | slipway-signer-"$id"@.service) return 0 ;;
  esac
  return 1
}
units() {
  {
    for kind in fetch apply prove recover rescue; do
      for file in "$systemd/slipway-$kind@$id".*; do there "$file" && say "${file##*/}"; done
    done
    for kind in pac signer; do
      for file in "$systemd/slipway-$kind-$id".socket "$systemd/slipway-$kind-$id@".service; do
        there "$file" && say "${file##*/}"
      done
    done
    for file in "$systemd/$id"-*.service; do
      [ -f "$file" ] && [ ! -L "$file" ] && grep -qF "/opt/slipway/$id/" "$file" && say "${file##*/}"
    done
    fields unit
  } | sort -u | while IFS= read -r unit; do
    if our_unit "$unit"; then say "$unit"; else skip "unit $unit is not one of $id's"; fi
  done
}

# The number of account $1 in this root's own files, as a user or else as a group; nothing where there is none.
number_of() {
  for file in passwd group; do
    [ -f "$root/etc/$file" ] || continue
    number=$(awk -F: -v n="$1" '$1 == n { print $3; exit }' "$root/etc/$file")
    [ -z "$number" ] || { say "$number"; return; }
  done
}
# Users and groups that may be removed: numbers that systemd-sysusers gives, never root's or a person's.
accounts() {
  { say "slipway-$id"; fields user; fields group; } | sort -u | while IFS= read -r name; do
    case $name in '' | -* | *[!a-z0-9_-]*) skip "account '$name': not a system user's name"; continue ;; esac
    case $(number_of "$name") in
      '') ;;
      [1-9][0-9][0-9]) say "$name" ;;
      *) skip "account $name is no system user" ;;
    esac
  done
}

# Whether $1, an absolute path of the list, lies where this product may have made something.
our_path() {
  case $1 in *//* | */. | */.. | */./* | */../* | */ | *[[:cntrl:]]*) return 1 ;; esac
  case $1 in
    /opt/slipway/"$id" | /etc/slipway/"$id" | /run/slipway/"$id" | /var/lib/slipway/"$id" | /var/log/slipway/"$id" | \
      /opt/slipway/"$id"/* | /etc/slipway/"$id"/* | /run/slipway/"$id"/* | /var/lib/slipway/"$id"/* | \
      /var/log/slipway/"$id"/* | /etc/sysusers.d/slipway-"$id".conf | /usr/bin/slipway) ;;
    /run/"$id"-*/* | /var/lib/"$id"-*/*) return 1 ;;
    # ID-SERVICE, unless that is the name of another product.
    /run/"$id"-?* | /var/lib/"$id"-?*) ! there "$root/opt/slipway/${1##*/}" ;;
    /run/"$id" | /var/lib/"$id" | /var/lib/"$id"/*) ;;
    /etc/systemd/system/*.wants/*/* | /etc/systemd/system/*.requires/*/*) return 1 ;;
    /etc/systemd/system/*.wants/* | /etc/systemd/system/*.requires/*) our_unit "${1##*/}" ;;
    /etc/systemd/system/*) our_unit "${1#/etc/systemd/system/}" ;;
    *) return 1 ;;
  esac
}
# A data folder of another name counts if it belongs to one of the product's own users.
our_data() {
  our_path "$1" && return 0
  case $1 in *[[:cntrl:]]* | /var/lib/. | /var/lib/.. | /var/lib/*/*) return 1 ;; /var/lib/?*) ;; *) return 1 ;; esac
  [ -d "$root$1" ] && [ ! -L "$root$1" ] || return 1
  owner=$(stat -c %u "$root$1")
  for name in $our_accounts; do [ "$(number_of "$name")" != "$owner" ] || return 0; done
  return 1
}

# Paths to remove, as they are below the root. The folder with the list and the dispatcher come later.
paths() {
  entries | while IFS=$tab read -r kind path rest; do
    case $kind in
      path | data) ;;
      unit | user | group | takenOver | '') continue ;;
      *) skip "a line of an unknown kind in the undo list: $kind"; continue ;;
    esac
    if [ -n "$rest" ] || ! "our_$kind" "$path"; then
      ! there "$root$path" || skip "$kind $path is not where $id may have made something"
      continue
    fi
    case $path in
      "/var/lib/slipway/$id" | "/var/lib/slipway/$id/undo.list" | /usr/bin/slipway) continue ;;
      "/var/log/slipway/$id" | "/var/log/slipway/$id"/*) ! $keep_logs || continue ;;
      "/var/lib/slipway/$id"/*) ;;
      /var/lib/*) ! $keep_data || continue ;;
    esac
    say "$root$path"
  done
  for folder in "etc/sysusers.d/slipway-$id.conf" "run/slipway/$id" "opt/slipway/$id" "etc/slipway/$id"; do
    say "$root/$folder"
  done
  $keep_logs || say "$root/var/log/slipway/$id"
  $keep_data || say "$root/var/lib/$id"
}

end_unit() {
  # A template has no process; its instances have.
  case $1 in *@.service) running="${1%.service}*.service" ;; *) running=$1 ;; esac
  systemctl stop "$running" 2>/dev/null
}

stop_unit() {
  if $dry; then say "would stop and disable $1"; return; fi
  use_systemd || return 0
  systemctl --quiet disable "$1" 2>/dev/null
  end_unit "$1"
  # What the stop left in the unit's control group would keep its user busy.
  systemctl kill --signal=KILL "$running" 2>/dev/null
  say "stopped $1"
}

reset_unit() { systemctl reset-failed "$1" 2>/dev/null; }

remove_unit() {
  for link in "$systemd"/*.wants/"$1" "$systemd"/*.requires/"$1"; do
    [ -L "$link" ] || continue
    remove "$link"
    remove_empty "${link%/*}"
  done
  remove "$systemd/$1"
  remove "$systemd/$1.d"
}

# Takes account $1 out of the file $2: its own line and, in the group files, its membership in others.
edit_accounts() {
  file=$root/etc/$2
  [ -f "$file" ] && [ ! -L "$file" ] && no_link_above "$file" || return 0
  cp -p "$file" "$file.slipway" && awk -F: -v OFS=: -v n="$1" -v groups="$([ "${2%group}" = "$2" ] || say 1)" '
    $1 == n { next }
    groups && NF >= 4 {
      count = split($4, member, ","); kept = ""
      for (i = 1; i <= count; i++) if (member[i] != n) kept = kept (kept == "" ? "" : ",") member[i]
      if (kept != $4) $4 = kept
    }
    { print }' "$file" >"$file.slipway" && sync && mv -f "$file.slipway" "$file" && return
  rm -f "$file.slipway"
  fail "$file could not be written"
}
remove_account() {
  if $dry; then say "would remove user and group $1"; return; fi
  if ! $host || ! command -v userdel >/dev/null 2>&1; then
    for file in gshadow shadow group passwd; do edit_accounts "$1" "$file"; done
  elif grep -q "^$1:" /etc/passwd && ! userdel "$1"; then
    fail "user $1 could not be removed; does one of its processes still run?"
  elif grep -q "^$1:" /etc/group && ! groupdel "$1"; then
    fail "group $1 could not be removed"
  fi
  [ -n "$(number_of "$1")" ] || say "removed user and group $1"
}

give_back() { # UNIT ENABLED ACTIVE, as systemctl said before the unit was taken over
  case $1 in '' | -* | *[!A-Za-z0-9:_.@\\-]*) skip "taken-over unit '$1': not a unit's name"; return ;; esac
  if $dry; then say "would give back $1 ($2, $3)"; return; fi
  use_systemd || { skip "$1 ($2, $3) cannot be given back without systemd"; return; }
  case $2 in
    masked) systemctl --quiet mask "$1" || fail "$1 could not be masked" ;;
    *) systemctl --quiet unmask "$1" || fail "$1 could not be unmasked" ;;
  esac
  case $2 in enabled) systemctl --quiet enable "$1" || fail "$1 could not be enabled" ;; esac
  case $3 in active | activating | reloading) systemctl --no-block start "$1" || fail "$1 could not be started" ;; esac
  say "gave back $1 ($2, $3)"
}

last_product() {
  for other in "$root"/opt/slipway/* "$root"/var/lib/slipway/*; do
    ! there "$other" || [ "${other##*/}" = "$id" ] || return 1
  done
}
# The one program of all products; a file of that name that somebody else made stays.
remove_dispatcher() {
  dispatcher=$root/usr/bin/slipway
  there "$dispatcher" || return 0
  if [ -f "$dispatcher" ] && [ ! -L "$dispatcher" ] && grep -qsF "$made_by" "$dispatcher"; then
    remove "$dispatcher"
  else
    skip "$dispatcher was not made by Slipway"
  fi
}
remove_parents() {
  for folder in opt/slipway etc/slipway var/log/slipway run/slipway var/lib/slipway; do
    remove_empty "$root/$folder"
  done
}
each() { # COMMAND LIST: the command with each line of the list
  while IFS= read -r item; do [ -z "$item" ] || "$1" "$item" </dev/null; done <<EOF
$2
EOF
}
# Without systemd it is `slipway run` whose processes would outlive their user; its lock says that it is there.
supervised() {
  lock=$root/run/slipway/$id/supervisor.lock
  [ -f "$lock" ] && [ ! -L "$lock" ] && command -v flock >/dev/null 2>&1 && ! flock -n "$lock" true
}
look() { ! there "$1" || present=true; }
look_unit() { look "$systemd/$1"; }

our_units=$(units)
our_accounts=$(accounts)
our_paths=$(paths)
present=false
[ -z "$our_accounts" ] || present=true
look "$state"
each look "$our_paths"
each look_unit "$our_units"
if ! $present; then
  remove_parents
  die 60 "$id is not installed here" 'Installed products have a folder in /opt/slipway.'
fi
if ! $dry && supervised; then
  die 32 "$id is supervised by \`slipway run\`" 'End that process first, and with it the services that it runs.'
fi
if ! $yes && ! $dry; then
  [ -t 0 ] || die 64 'nobody to ask' "Say --yes to remove $id without a question."
  printf 'Remove %s, its files and its users? [y/N] ' "$id" >&2
  read -r answer
  case $answer in [yY] | [yY][eE][sS]) ;; *) die 64 'not removed' 'Nothing was changed.' ;; esac
fi

# What starts others goes first, and once more at the end: a service that was about to begin has brought it up again.
starters=$(say "$our_units" | grep -E '\.(timer|path|socket)$')
others=$(say "$our_units" | grep -vE '\.(timer|path|socket)$')
each stop_unit "$starters"
each stop_unit "$others"
if use_systemd && ! $dry; then
  each end_unit "$starters"
  each end_unit "$others"
fi
each remove_unit "$our_units"
if use_systemd && ! $dry; then
  systemctl daemon-reload
  each reset_unit "$our_units"
fi
each remove "$our_paths"
# A data folder is known by its owner: while something is left, the owner stays too.
$failed || each remove_account "$our_accounts"
while IFS=$tab read -r kind unit enabled active; do
  [ "$kind" != takenOver ] || give_back "$unit" "$enabled" "$active"
done <<EOF
$(entries)
EOF
if last_product; then remove_dispatcher; fi

# The list goes last: as long as it is there, an interrupted run can be repeated.
if ! $dry && [ -d "$state" ] && [ ! -L "$state" ]; then
  each remove "$(find -P "$state" -mindepth 1 -maxdepth 1 ! -name undo.list)"
fi
if $failed; then die 31 "$id could not be removed whole" 'See the lines above, then run this again.'; fi
$dry || remove "$list"
remove "$state"
remove_parents
if $failed; then die 31 "$id could not be removed whole" 'See the lines above, then run this again.'; fi
$dry || say "$id is removed"
