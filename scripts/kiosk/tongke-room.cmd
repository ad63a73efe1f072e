@echo off
rem Makes this Windows computer a classroom's screen: Edge, full screen, and again whenever it ends.
rem   tongke-room.cmd https://SERVER:3443
rem Not with --kiosk: Edge's kiosk mode is InPrivate, and the screen's key would be gone at every start.
if "%~1"=="" (
  echo Which server? For example: tongke-room.cmd https://192.168.1.20:3443
  exit /b 1
)
:again
start "" /wait msedge.exe --user-data-dir="%LOCALAPPDATA%\tongke-room" --app=%~1/room --start-fullscreen --no-first-run --hide-crash-restore-bubble --disable-session-crashed-bubble --autoplay-policy=no-user-gesture-required
timeout /t 3 /nobreak >nul
goto again
