import Glibc
import Installation
import Posix
import Product
import Services
import SystemPackage
import Transport

/// One health look, made as the agent's user in a unit of its own.
public struct HealthProbe: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  /// - Throws: `unhealthy` in words when the service does not pass.
  public func run(service name: String) async throws {
    let manifest = try Device.currentManifest(device.layout)
    guard let probe = try manifest.service(named: name).probe else { return }
    if let fault = try await fault(probe) {
      throw Failure(
        .unexpected, name: "unhealthy", "\(name) is not well: \(fault)",
        remedy: "see the log of \(manifest.id)-\(name).service")
    }
  }

  private func fault(_ probe: Probe) async throws -> String? {
    switch probe.method {
    case .http(let url, let expected):
      return try await answer(url, socket: nil, expected, probe)
    case .unixSocket(let path, let urlPath, let expected):
      return try await answer(urlPath, socket: device.paths.host(FilePath(path)).string, expected, probe)
    case .command(let command):
      let program = device.layout.versions.appending("current").appending(command.first ?? "")
      let outcome = try await Command.run(
        program, Array(command.dropFirst()), patience: Double(probe.timeoutSeconds), outputLimit: 4096)
      if outcome.status == 0 { return nil }
      return "\(program) ended with \(outcome.status.map(String.init) ?? "a signal")"
    case .fileAge(let path, let maximum):
      let path = device.paths.host(FilePath(path))
      guard let name = path.lastComponent?.string,
        let status = try Directory.open(path.removingLastComponent()).status(name)
      else { return "\(path) is missing" }
      // By the clock that stamped the file, right or wrong. From the future it is no sign of life either.
      let age = HostClock.wallSeconds() - status.modified
      if age < -Int64(maximum) { return "\(path) is \(-age) s from the future: the clock was set back" }
      return age <= maximum ? nil : "\(path) is \(age) s old, at most \(maximum) are allowed"
    }
  }

  private func answer(_ url: String, socket: String?, _ expected: Int, _ probe: Probe) async throws -> String? {
    do {
      let status = try await HealthRequest.status(url: url, unixSocket: socket, timeout: probe.timeoutSeconds)
      return status == expected ? nil : "it answers \(status), not \(expected)"
    } catch {
      return "\(error)"
    }
  }
}

extension ProductManifest {
  /// - Throws: exit code 64, naming the services that there are.
  func service(named name: String) throws -> AgentService {
    if let service = services.first(where: { $0.name == name }) { return service }
    throw Failure(
      .usage, name: "usage", "\(id) has no service '\(name)'",
      remedy: "its services are: \(services.map(\.name).joined(separator: ", "))")
  }
}
