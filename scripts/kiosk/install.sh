#!/usr/bin/env bash
# Makes this computer a classroom's screen (Debian 12 and later, and what is made of it). Safe to run again.
#   sudo ./install.sh https://SERVER:3443 [CERTIFICATE.crt]
#   sudo ./install.sh --remove
# CERTIFICATE: the server's own authority, from http://SERVER:3000/trust, where it has no public one.
set -euo pipefail

readonly USER_NAME=tongke
readonly HOME_DIR=/var/lib/tongke-room
readonly UNIT=/etc/systemd/system/tongke-room.service
readonly WATCH_UNIT=/etc/systemd/system/tongke-room-watch.service
readonly LIB_DIR=/usr/local/lib/tongke-room
readonly POLICY_DIR=/etc/chromium/policies/managed

# In an image that is only being made, nothing runs yet.
running() { [ -d /run/systemd/system ]; }
fail() { echo "$1" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail 'Please run this with sudo.'

if [ "${1:-}" = --remove ]; then
  if running; then systemctl stop tongke-room-watch.service tongke-room.service || true; fi
  systemctl disable tongke-room-watch.service tongke-room.service 2>/dev/null || true
  rm -rf "$UNIT" "$WATCH_UNIT" "$LIB_DIR" "$POLICY_DIR/tongke-room.json"
  if running; then systemctl daemon-reload; fi
  echo "Removed. The screen's key is kept in $HOME_DIR; delete that folder to forget it."
  exit 0
fi

address="${1:-}"
[[ "$address" =~ ^https://[A-Za-z0-9.:-]+$ ]] || fail 'Which server? For example: sudo ./install.sh https://192.168.1.20:3443'
certificate="${2:-}"
[ -z "$certificate" ] || [ -r "$certificate" ] || fail "There is no certificate at $certificate."

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ -r "$here/watch.sh" ] || fail 'Copy the whole folder: watch.sh is missing beside this script.'
# Ubuntu's chromium is a snap, which can keep no profile of ours and reads other policies.
if grep -qx 'ID=ubuntu' /etc/os-release; then fail 'Ubuntu has Chromium only as a snap, which cannot do this. Please use Debian 12 or later.'; fi

export DEBIAN_FRONTEND=noninteractive
# What a power cut in an earlier attempt left half done.
dpkg --configure -a
apt-get update -q
# cage: a Wayland compositor that shows one window, full screen, and nothing beside it.
apt-get install -qy --no-install-recommends cage chromium fonts-noto-cjk libnss3-tools pipewire-audio dbus-user-session

id "$USER_NAME" >/dev/null 2>&1 || useradd --system --create-home --home-dir "$HOME_DIR" --shell /usr/sbin/nologin "$USER_NAME"
for group in video audio input render; do
  if getent group "$group" >/dev/null; then usermod -aG "$group" "$USER_NAME"; fi
done
install -d -o "$USER_NAME" -g "$USER_NAME" -m 0700 "$HOME_DIR" "$HOME_DIR/profile"

# Camera, microphone and sound without a question that nobody is there to answer, for this address alone.
install -d "$POLICY_DIR"
cat >"$POLICY_DIR/tongke-room.json" <<POLICY
{
  "VideoCaptureAllowedUrls": ["$address"],
  "AudioCaptureAllowedUrls": ["$address"],
  "AutoplayAllowlist": ["$address"],
  "URLBlocklist": ["*"],
  "URLAllowlist": ["$address"],
  "PasswordManagerEnabled": false,
  "TranslateEnabled": false
}
POLICY

if [ -n "$certificate" ]; then
  database="$HOME_DIR/.pki/nssdb"
  install -d -o "$USER_NAME" -g "$USER_NAME" -m 0700 "$HOME_DIR/.pki" "$database"
  [ -e "$database/cert9.db" ] || certutil -d "sql:$database" -N --empty-password
  certutil -d "sql:$database" -D -n tongke 2>/dev/null || true
  certutil -d "sql:$database" -A -n tongke -t C,, -i "$certificate"
  chown -R "$USER_NAME:$USER_NAME" "$HOME_DIR/.pki"
fi

cat >"$UNIT" <<SERVICE
[Unit]
Description=Tongke classroom screen
After=systemd-user-sessions.service sound.target
Conflicts=getty@tty1.service
# However often it ended: there is no number of tries after which a classroom is better off without.
StartLimitIntervalSec=0

[Service]
User=$USER_NAME
PAMName=login
TTYPath=/dev/tty1
StandardInput=tty
Environment=XDG_SESSION_TYPE=wayland
# After a power cut the lock of the browser before is still there; under another host name it would be asked about.
ExecStartPre=/bin/sh -c 'rm -f $HOME_DIR/profile/Singleton*'
# --user-data-dir: the device's key lives there, and survives a power cut. Crash bubbles would cover the lesson.
ExecStart=/usr/bin/cage -- /usr/bin/chromium --ozone-platform=wayland --kiosk --user-data-dir=$HOME_DIR/profile --no-first-run --disable-session-crashed-bubble --hide-crash-restore-bubble --noerrdialogs --autoplay-policy=no-user-gesture-required $address/room
# Whatever ends it, it comes back; a classroom has nobody to start it.
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
SERVICE

# A tab can crash and leave its browser running, with nothing to see but that it crashed.
install -D -m 0755 "$here/watch.sh" "$LIB_DIR/watch.sh"
cat >"$WATCH_UNIT" <<SERVICE
[Unit]
Description=Tongke classroom screen: whether its page is alive
After=tongke-room.service

[Service]
ExecStart=$LIB_DIR/watch.sh $HOME_DIR/profile 15 systemctl restart tongke-room.service
Restart=always
RestartSec=15

[Install]
WantedBy=multi-user.target
SERVICE

systemctl set-default multi-user.target >/dev/null
systemctl enable tongke-room.service tongke-room-watch.service >/dev/null
if running; then
  systemctl daemon-reload
  systemctl restart tongke-room.service tongke-room-watch.service
fi
echo "This computer opens $address/room at every start. Pair it with the code that it shows."
