import Cryptography
import Product
import Synchronization
import TUF
import Transport

/// The repository as devices reach it: over HTTP, with the downloader that fetch has.
final class Repository: MetadataSource {
  /// What has been asked for and served.
  struct Traffic: Sendable {
    var requests = 0
    var metadataBytes = 0
    var targetBytes = 0
  }

  private let downloader: Downloader
  private let address: String
  private let count = Mutex(Traffic())

  init(_ address: String) {
    self.address = address
    downloader = Downloader()
  }

  var traffic: Traffic { count.withLock { $0 } }

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    let bytes = try await downloader.small("\(address)/metadata/\(name)", maximumLength: maximumLength)
    count.withLock {
      $0.requests += 1
      $0.metadataBytes += bytes?.count ?? 0
    }
    return bytes
  }

  /// A target by its consistent name, held against its signed hash.
  func target(_ info: TargetInfo) async throws -> [UInt8] {
    guard let hash = info.hashes["sha256"] else { throw SimulationError("\(info.path) is signed without SHA-256") }
    var parts = info.path.split(separator: "/").map(String.init)
    let last = parts.removeLast()
    let path = (parts + ["\(hash).\(last)"]).joined(separator: "/")
    let bytes = try await downloader.small("\(address)/targets/\(path)", maximumLength: info.length)
    count.withLock {
      $0.requests += 1
      $0.targetBytes += bytes?.count ?? 0
    }
    guard let bytes, try sha256(bytes).hex == hash else {
      throw SimulationError("\(info.path): other bytes than signed")
    }
    return bytes
  }
}

/// A timestamp that is at hand, then the network: a device asks for the timestamp first, and mostly for nothing more.
final class AfterTimestamp: MetadataSource {
  private let timestamp: [UInt8]
  private let repository: Repository
  private let count = Mutex(0)

  init(timestamp: [UInt8], repository: Repository) {
    self.timestamp = timestamp
    self.repository = repository
  }

  /// Requests made besides that for the timestamp.
  var asked: Int { count.withLock { $0 } }

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    if name == "timestamp.json" { return timestamp }
    count.withLock { $0 += 1 }
    return try await repository.metadata(named: name, maximumLength: maximumLength)
  }
}
