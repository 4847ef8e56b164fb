import CPosix
import Cryptography
import Glibc
import Installation
import Posix
import Product
import SystemPackage
import TPM
import TPMState

/// The device's key as it is kept: of use to this device's TPM alone, and for root all the same.
struct IdentityFile {
  private static let name = "key.json"
  private static let chainName = "chain.pem"
  private let layout: Layout

  init(_ layout: Layout) { self.layout = layout }

  private var folder: FilePath { layout.state.appending("identity") }

  var path: String { folder.appending(Self.name).string }

  private struct Document: Codable {
    var schema = "slipway.device-key/1"
    /// TPMT_PUBLIC and TPM2B_PRIVATE's contents; all bytes are hexadecimal.
    let publicArea: String
    let wrapped: String
    let endorsementKind: String
    let endorsement: String
    let storageRoot: String
  }

  /// Calls `body` when nobody else is at it: behind a TPM that no resource manager shares out, two would take each other's
  /// slots.
  func alone<Value>(_ body: () throws -> Value) rethrows -> Value {
    let descriptor = shim_openat(AT_FDCWD, folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    defer { if descriptor >= 0 { close(descriptor) } }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    return try body()
  }

  /// nil where none was made yet.
  func read() throws -> DeviceIdentity? {
    guard let directory = try? Directory.open(folder), let bytes = try directory.read(Self.name, limit: 1 << 16) else {
      return nil
    }
    let remedy = "move the file away, then enrol the device again"
    let kept = try StoredJSON.decode(Document.self, bytes, file: "\(folder)/\(Self.name)", remedy: remedy)
    guard let area = Hex.decode(kept.publicArea).flatMap({ try? PublicArea(encoded: $0) }),
      let wrapped = Hex.decode(kept.wrapped), let kind = EndorsementKey.Kind(rawValue: kept.endorsementKind),
      let endorsement = Hex.decode(kept.endorsement), let storageRoot = Hex.decode(kept.storageRoot)
    else { throw InstallationError(.malformed, "\(folder)/\(Self.name): a value cannot be read", remedy: remedy) }
    return DeviceIdentity(
      key: DeviceKey(area: area, wrapped: wrapped), endorsementKind: kind, endorsement: endorsement,
      storageRoot: storageRoot)
  }

  /// The certificates for the key; none before somebody has certified it.
  func chain(for key: DeviceKey) throws -> [[UInt8]] {
    guard let directory = try? Directory.open(folder),
      let bytes = try directory.read(Self.chainName, limit: 1 << 16)
    else { return [] }
    do { return try Self.chain(bytes, for: key) } catch {
      throw InstallationError(
        .malformed, "\(folder)/\(Self.chainName): \(error)", remedy: "have the key certified again")
    }
  }

  /// Keeps certificates for the key: PEM, its own first.
  func writeChain(_ pem: [UInt8], for key: DeviceKey) throws {
    _ = try Self.chain(pem, for: key)
    try DurableFile.write(pem, Self.chainName, in: try Directory.open(folder), mode: 0o600)
  }

  private static func chain(_ pem: [UInt8], for key: DeviceKey) throws -> [[UInt8]] {
    let identity = PublicIdentity(area: key.area, chain: try Certificate.all(in: pem).map(\.der))
    guard identity.isWhole else { throw TPMError(.malformed, "the first certificate is not for the device's key") }
    return identity.chain
  }

  func write(_ identity: DeviceIdentity) throws {
    let document = Document(
      publicArea: Hex.encode(identity.key.area.encoded), wrapped: Hex.encode(identity.key.wrapped),
      endorsementKind: identity.endorsementKind.rawValue, endorsement: Hex.encode(identity.endorsement),
      storageRoot: Hex.encode(identity.storageRoot))
    let directory = try Directory.make(folder, below: layout.root, mode: 0o700)
    try DurableFile.write(try JSON.encode(document), Self.name, in: directory, mode: 0o600)
  }
}
