import Cryptography
import Posix
import SystemPackage

/// Journal and state on disk. The state is kept twice, each copy with a checksum, so that a torn one costs nothing of it.
public struct StateFiles: Sendable {
  /// The state as text, so that a version that does not know all of its keys finds the same checksum.
  private struct Sealed: Codable {
    var sha256: String
    var state: String

    init(_ state: DeviceState) throws {
      let bytes = try JSON.encode(state)
      self.state = String(decoding: bytes, as: UTF8.self)
      sha256 = try Cryptography.sha256(bytes).hex
    }

    /// Nil when it is not what was written.
    var opened: DeviceState? {
      guard (try? Cryptography.sha256(Array(state.utf8)))?.hex == sha256 else { return nil }
      return try? JSON.decode(DeviceState.self, Array(state.utf8))
    }
  }

  static let copies = ["state.json", "state.other.json"]
  public static let journal = "journal.json"

  /// A write of journal or state: what stood there before, and what will.
  public enum Change: Sendable {
    case journal(Journal, Journal)
    case state(DeviceState?, DeviceState)
  }

  public let directory: Directory
  private let witness: (@Sendable (Change) -> Void)?

  /// - Parameter witness: told of each change before it is written, so that none is lost; one that was cut off is told again.
  public init(_ layout: Layout, witness: (@Sendable (Change) -> Void)? = nil) throws(InstallationError) {
    self.witness = witness
    do {
      directory = try Directory.open(layout.state)
    } catch {
      throw error.isNotFound
        ? InstallationError(
          .notInstalled, "\(layout.product) is not installed (there is no \(layout.state))",
          remedy: "install it with its Setup file")
        : InstallationError(error)
    }
  }

  /// The state as last written; nil before the first write. A copy that does not read is passed over; if none reads,
  /// the error of the first.
  public func state() throws(InstallationError) -> DeviceState? {
    var best: DeviceState?
    var failure: InstallationError?
    for name in Self.copies {
      do throws(InstallationError) {
        guard let sealed = try StoredJSON.read(Sealed.self, name, in: directory) else { continue }
        guard let state = sealed.opened else {
          throw wrongChecksum(of: name)
        }
        if best.map({ $0.generation < state.generation }) ?? true { best = state }
      } catch {
        failure = failure ?? error
      }
    }
    if best == nil, let failure { throw failure }
    return best
  }

  private func wrongChecksum(of name: String) -> InstallationError {
    InstallationError(
      .malformed, "\(directory.path)/\(name): its checksum is wrong",
      remedy: "it is set aside and rebuilt by `slipway recover`")
  }

  public func save(_ state: DeviceState) throws {
    var next = state
    next.generation = ((try? self.state())??.generation ?? state.generation) + 1
    // One after the other: at any moment one of them is whole.
    for turn in 0..<2 {
      try StoredJSON.write(Sealed(next), Self.copies[Int((next.generation + UInt64(turn)) % 2)], in: directory)
    }
  }

  /// Changes the state by reading, `change`, and writing if it is another one then.
  public func update(_ change: (inout DeviceState) -> Void) throws {
    let before = try self.state()
    var state = before ?? DeviceState(seed: Self.newSeed())
    change(&state)
    guard state != before else { return }
    witness?(.state(before, state))
    try save(state)
  }

  public func journal() throws(InstallationError) -> Journal {
    let bytes: [UInt8]?
    do { bytes = try directory.read(Self.journal, limit: StoredJSON.limit) } catch { throw InstallationError(error) }
    guard let bytes else { return .idle }
    guard JournalSeal.isWhole(bytes) else { throw wrongChecksum(of: Self.journal) }
    return try StoredJSON.decode(Journal.self, bytes, file: "\(directory.path)/\(Self.journal)")
  }

  public func record(_ journal: Journal) throws {
    witness?(.journal((try? self.journal()) ?? .idle, journal))
    let text = try JournalSeal.seal(try JSON.encode(journal))
    do { try DurableFile.write(text, Self.journal, in: directory, mode: 0o644) } catch {
      throw InstallationError(error)
    }
  }

  /// Moves files that are malformed aside (`NAME.corrupt`), so that the next write starts anew; returns their names.
  public func setAsideCorrupt() -> [String] {
    (Self.copies + [Self.journal]).filter { name in
      isMalformed(name) && (try? directory.setAside(name)) != nil
    }
  }

  private func isMalformed(_ name: String) -> Bool {
    // A folder, a link, a pipe, a file without end: none of us has written it.
    if let status = (try? directory.status(name)) ?? nil, status.kind != .file || status.size > StoredJSON.limit {
      return true
    }
    do throws(InstallationError) {
      if name == Self.journal {
        _ = try journal()
        return false
      }
      guard let sealed = try StoredJSON.read(Sealed.self, name, in: directory) else { return false }
      return sealed.opened == nil
    } catch {
      // What cannot be read just now (an input error, say) may still be whole.
      return error.code == .malformed
    }
  }

  /// Whether a first installation was cut off or has failed: what `current` names then was never handed to anybody.
  public func isFirstInstallationUnfinished() -> Bool {
    guard let journal = try? journal() else { return false }
    switch journal.state {
    case .switching, .proving, .rollingBack: return journal.from == nil
    case .idle: return (try? state())?.lastResult?.kind == "installFailed"
    default: return false
    }
  }

  /// 32 random bytes in hexadecimal.
  static func newSeed() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let word = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }
}
