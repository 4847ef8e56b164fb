import Installation
import Posix
import Services

/// A timer that runs only while a flag in the state folder is up: after a boot the flag alone starts it again.
struct FlaggedTimer: Sendable {
  let device: Device
  let flag: String
  /// The unit's name.
  let timer: String

  func isRaised() throws -> Bool { try Directory.open(device.layout.state).status(flag) != nil }

  /// The flag alone: at boot systemd starts the timer by itself.
  func raise() throws {
    let state = try Directory.open(device.layout.state)
    if try state.status(flag) == nil { try DurableFile.write([], flag, in: state) }
  }

  /// Raises the flag that lets the timer run, and starts it.
  func begin() async throws {
    try raise()
    try await device.services.start([timer], noBlock: true)
  }

  /// The same for what was begun already: where nobody can be told to start the timer, the flag must do.
  func goOn() async throws {
    try raise()
    try? await device.services.start([timer], noBlock: true)
  }

  func end() async throws {
    let state = try Directory.open(device.layout.state)
    if try state.status(flag) != nil { try state.unlink(flag) }
    try await device.services.stop([timer], noBlock: true)
  }
}
