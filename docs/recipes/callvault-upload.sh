#!/bin/sh
# Uploads one finished recording to callvault: for the hook that a telephone system runs after a call.
#
#   callvault-upload FILE url=URL source=NAME id=CALL [from= to= agent= queue= ticket= leg= started= direction= language=
#                    basis= name= interaction= wrap-up= field-NAME=] [delete=yes]
#   callvault-upload --again FOLDER     uploads what earlier runs had to leave in FOLDER
#
# The credential is in a file for curl that only its owner can read (/etc/callvault/upload.curl, or what
# CALLVAULT_UPLOAD_CONFIG names): user = "key_…:cv_…". It is never an argument and never in a URL.
#
# Prints the id of the recording once the vault has confirmed all of it, and only then deletes FILE, where delete=yes says
# so. Otherwise it exits with 1, keeps FILE, and keeps its arguments beside it in FILE.callvault. The same call and file
# again give the same id, so any run may be repeated.
set -eu
umask 077
LC_ALL=C
export LC_ALL

config=${CALLVAULT_UPLOAD_CONFIG:-/etc/callvault/upload.curl}

fail() {
  printf 'callvault-upload: %s\n' "$1" >&2
  if command -v logger >/dev/null 2>&1; then logger -t callvault-upload -p user.err -- "$1" 2>/dev/null || :; fi
  exit "${2:-1}"
}

# Percent-encoding of the bytes of $1 (RFC 3986): nothing in it means anything to curl or to a header.
encoded() {
  case $1 in
    *[!A-Za-z0-9._~-]*) printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr -s ' ' '%' ;;
    *) printf %s "$1" ;;
  esac
}

# The part of curl's configuration that is of this call. It goes to curl's standard input: others see arguments in ps.
request() {
  printf 'url = "%s/v1/ingest/%s/%s"\n' "$url" "$(encoded "$source")" "$(encoded "$id")"
  for argument in "$@"; do
    value=${argument#*=} name=${argument%%=*}
    case $name in
      from) header=From ;;
      to) header=To ;;
      agent) header=Agent ;;
      queue) header=Queue ;;
      ticket) header=Ticket ;;
      leg) header=Leg ;;
      started) header=Started-At ;;
      direction) header=Direction ;;
      language) header=Language ;;
      basis) header=Basis ;;
      name) header=File-Name ;;
      interaction) header=Interaction ;;
      wrap-up) header=Wrap-Up ;;
      field-*) header=Field-${name#field-} ;;
      *) continue ;;
    esac
    # What a dialplan does not know comes as an empty text.
    if [ -n "$value" ]; then printf 'header = "Vault-Meta-%s: %s"\n' "$header" "$(encoded "$value")"; fi
  done
}

# The first member of this name in the vault's JSON reply, a text or a number.
member() {
  awk -v key="\"$1\":" 'at = index($0, key) {
    value = substr($0, at + length(key))
    if (sub(/^"/, "", value)) sub(/".*/, "", value); else sub(/[^0-9].*/, "", value)
    print value
    exit
  }' "$reply" | tr -d '\000-\011\013-\037'
}

again() {
  status=0
  for list in "$1"/*.callvault; do
    [ -f "$list" ] || continue
    set --
    while IFS= read -r argument; do set -- "$@" "$argument"; done <"$list"
    # Where the list is gone, another run has uploaded the file meanwhile.
    "$0" "${list%.callvault}" "$@" || [ ! -f "$list" ] || status=1
  done
  exit "$status"
}

if [ "${1:-}" = --again ] && [ $# -eq 2 ]; then again "$2"; fi
[ $# -ge 1 ] || fail 'usage: callvault-upload FILE url=URL source=NAME id=CALL [NAME=VALUE …]' 2
file=$1
shift

url='' source='' id='' delete=no
for argument in "$@"; do
  case $argument in
    *'
'*) fail 'an argument has a line break' 2 ;;
    url=*) url=${argument#*=} ;;
    source=*) source=${argument#*=} ;;
    id=*) id=${argument#*=} ;;
    delete=yes) delete=yes ;;
    delete=no | from=* | to=* | agent=* | queue=* | ticket=* | leg=* | started=* | direction=* | language=* | basis=* | name=*) ;;
    interaction=* | wrap-up=*) ;;
    field-?*=*) case ${argument%%=*} in *[!a-z0-9-]*) fail "unknown argument ${argument%%=*}" 2 ;; esac ;;
    *) fail "unknown argument ${argument%%=*}" 2 ;;
  esac
done
case $url in
  *[!]A-Za-z0-9.:/_~[-]*) fail 'url has a character that no address of a vault has' 2 ;;
  http://?* | https://?*) url=${url%/} ;;
  *) fail 'url=https://… is missing' 2 ;;
esac
[ -n "$source" ] || fail 'source= is missing' 2
[ -n "$id" ] || fail 'id= is missing' 2
[ -f "$file" ] || fail "there is no file $file"
printf '%s\n' "$@" >"$file.callvault"

[ -f "$config" ] || fail "there is no file $config with the credential; $file is kept"
others=$(find -L "$config" \( -perm -040 -o -perm -020 -o -perm -004 -o -perm -002 \) -print)
[ -z "$others" ] || fail "$config can be read by others: chmod 0600 $config; $file is kept"

reply=$(mktemp)
trap 'rm -f "$reply"' EXIT
trap 'exit 1' HUP INT TERM
# Retries what may pass: no connection, 408, 429 and 5xx, as long as the vault says with Retry-After. The file with the
# credential comes after the defaults, so that it can change them.
code=$(request "$@" | curl -q --silent --show-error --globoff --retry 8 --retry-connrefused --retry-max-time 900 \
  --config "$config" --config - --upload-file "$file" --output "$reply" --write-out '%{http_code}') || code=none
case $code in
  200 | 201) ;;
  none) fail "no answer from $url; $file is kept" ;;
  *) fail "$url answered $code $(member code): $(member detail); $file is kept" ;;
esac

recording=$(member recording)
case $recording in
  rec_?*) ;;
  *) fail "$url answered something else than a vault does; $file is kept" ;;
esac
[ "$(member size)" = "$(wc -c <"$file" | tr -d ' ')" ] || fail "$recording has another size than $file, which is kept"
if command -v sha256sum >/dev/null 2>&1; then
  [ "$(member sha256)" = "$(sha256sum <"$file" | cut -d ' ' -f 1)" ] ||
    fail "$recording has another digest than $file, which is kept"
fi
if [ "$delete" = yes ]; then rm -f -- "$file"; fi
rm -f -- "$file.callvault"
printf '%s\n' "$recording"
