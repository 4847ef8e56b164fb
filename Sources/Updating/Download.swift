import Installation
import Posix
import SystemPackage

/// How far fetch is, for a person who watches: fetch is another user's process, and its folder is what there is to see.
struct Download {
  /// Of wanted files that are being brought or have been, by what they are named in fetch's folder.
  private static let folders = ["partial", "outgoing"]

  let device: Device

  init(_ device: Device) { self.device = device }

  /// Does `work`, and tells how far the wanted files are meanwhile.
  func watched(_ work: @Sendable () async throws -> Void) async throws {
    guard let tell = device.progress, let wanted = wanted(), !wanted.isEmpty else { return try await work() }
    let total = wanted.values.reduce(0, +)
    let watch = Task {
      while !Task.isCancelled {
        tell("Downloading", brought(wanted), total)
        try await Task.sleep(for: .milliseconds(250))
      }
    }
    defer { watch.cancel() }
    try await work()
    // What apply has taken by now has been whole.
    tell("Downloading", total, total)
  }

  /// Bytes by name.
  private func wanted() -> [String: Int64]? {
    guard let state = try? Directory.open(device.layout.state),
      let bytes = try? state.read("wanted.json", limit: Wanted.limit),
      let targets = try? JSON.decode(Wanted.self, bytes).targets
    else { return nil }
    return Dictionary(targets.map { ($0.sha256.hex, $0.length) }) { $1 }
  }

  private func brought(_ wanted: [String: Int64]) -> Int64 {
    let open = Self.folders.compactMap { try? Directory.open(device.layout.fetch).directory($0) }
    return wanted.reduce(0) { sum, file in
      sum + min(file.value, open.compactMap { (try? $0.status(file.key))??.size }.max() ?? 0)
    }
  }
}

extension Device {
  /// What unpacking `total` bytes tells; nil where nobody watches.
  func unpacking(_ total: Int64) -> (@Sendable (Int64) -> Void)? {
    guard let progress else { return nil }
    return { progress("Unpacking", $0, total) }
  }
}
