import Glibc
import Installation
import Posix
import Product
import Services
import SystemPackage

/// Whether the agent says that it must not be restarted now, asked as the agent's user in a unit of its own.
public struct BusyLook: Sendable {
  public struct Answer: Codable, Sendable, Equatable {
    var schema = "slipway.busy/1"
    /// What says so, in words; nil when nothing does.
    public var busy: String?
  }

  /// Seconds that a busy command has.
  static let limit = 10.0

  let device: Device

  public init(_ device: Device) { self.device = device }

  /// What the first busy service of the running version says; nil when all may be restarted. One that cannot be asked
  /// counts as busy: `deferMax` ends that wait as it does any other.
  func running(_ manifest: ProductManifest) async throws -> String? {
    for service in manifest.services where service.busy != nil {
      let result = try await device.services.run(
        TransientJob(
          command: device.command(.proven, ["probe", "--busy", "--service", service.name]), user: service.user,
          sandbox: .probe(service), timeLimit: Self.limit + 2))
      let line = result.output.split(separator: 10).last.map(Array.init) ?? []
      guard result.isSuccess, let answer = try? JSON.decode(Answer.self, line) else {
        return "\(service.name) could not be asked (\(result.timedOut ? "no answer in time" : "its probe failed"))"
      }
      if let busy = answer.busy { return "\(service.name): \(busy)" }
    }
    return nil
  }

  /// The look itself, as `slipway probe --busy` makes it.
  public func look(at name: String) async throws -> Answer {
    switch try Device.currentManifest(device.layout).service(named: name).busy {
    case nil: return Answer(busy: nil)
    case .lockFile(let path):
      let path = device.paths.host(FilePath(path))
      return Answer(busy: try exists(path) ? "\(path) exists" : nil)
    case .command(let command):
      let program = device.layout.versions.appending(VersionStore.Link.current.rawValue).appending(command.first ?? "")
      let outcome = try await Command.run(
        program, Array(command.dropFirst()), patience: Self.limit, outputLimit: 4096)
      let words = command.joined(separator: " ")
      // A signal, or a shell's own codes for what it could not run: nobody has said that the agent may be restarted.
      guard let status = outcome.status, status < 126 else {
        return Answer(busy: "\(words) could not be run (\(outcome.status.map { "exit code \($0)" } ?? "a signal"))")
      }
      return Answer(busy: status == 0 ? "\(words) says so" : nil)
    }
  }

  private func exists(_ path: FilePath) throws(PosixError) -> Bool {
    // By any way that leads there, such as /var/lock and /var/run: this runs as the agent's user.
    var status = stat()
    if path.withPlatformString({ lstat($0, &status) }) == 0 { return true }
    let error = PosixError("lstat", path.string, code: errno)
    if error.isNotFound { return false }
    throw error
  }
}
