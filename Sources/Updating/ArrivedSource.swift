import Bundles
import Cryptography
import Posix
import TUF

/// What fetch brought, and behind it what is trusted already: a poll brings only what has changed.
struct ArrivedSource: BundleSource {
  let claimed: FolderBundle?
  let trusted: any MetadataStore

  init(claimed: Directory?, trusted: any MetadataStore) {
    self.claimed = claimed.map { FolderBundle(flat: $0) }
    self.trusted = trusted
  }

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    if let bytes = try await claimed?.metadata(named: name, maximumLength: maximumLength) { return bytes }
    // `timestamp.json` or `VERSION.ROLE.json`; a newer root is never among what is trusted.
    var role = name.dropLast(".json".count)
    if let dot = role.firstIndex(of: "."), role[..<dot].allSatisfy(\.isNumber) {
      role = role[role.index(after: dot)...]
    }
    return role == "root" ? nil : try trusted.load(String(role))
  }

  func target(_ digest: SHA256Digest) throws(BundleError) -> UntrustedBytes? { try claimed?.target(digest) }
}
