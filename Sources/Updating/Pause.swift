import Installation
import Posix
import Product
import Transport

/// How long the repository has asked to be left alone (Retry-After): `fetch/not-before`, Unix seconds as text.
struct Pause {
  static let name = "not-before"
  /// The longest that is heeded: no server, and no step of the clock, keeps a device away for longer.
  static let longest: Int64 = 24 * 3600

  let folder: Directory
  let now: Int64

  /// When polls go on; nil when they may now.
  func end() throws -> Timestamp? {
    guard let bytes = try folder.read(Self.name, limit: 64), let end = Int64(String(decoding: bytes, as: UTF8.self)),
      end > now, end - now <= Self.longest
    else { return nil }
    return Timestamp(seconds: end)
  }

  /// Notes what the server asked for, if it was for longer than this poll could wait.
  func note(_ error: any Error) throws {
    guard let wait = (error as? TransportError)?.retryAfter, wait > .zero else { return lift() }
    let end = now + min(Self.longest, wait.components.seconds)
    try DurableFile.write(Array("\(end)".utf8), Self.name, in: folder, mode: 0o660)
  }

  func lift() { try? folder.removeTree(Self.name) }
}
