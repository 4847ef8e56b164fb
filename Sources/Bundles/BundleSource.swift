import Cryptography
import Posix
import SystemPackage
import TUF

/// Where a bundle's bytes come from. Nothing it gives is trusted: metadata is verified as TUF, targets are copied by
/// ``Intake`` and only the copy is looked at.
public protocol BundleSource: MetadataSource {
  /// The bytes that claim to be the target with this SHA-256; nil when the bundle does not bring it.
  func target(_ digest: SHA256Digest) throws(BundleError) -> UntrustedBytes?
}

/// A range of an open file that somebody else may still be writing.
public struct UntrustedBytes: Sendable {
  public let file: OpenFile
  /// Bytes from the start of the file.
  public let offset: Int64
  /// Bytes.
  public let length: Int64
  /// For messages.
  public let name: String
}

/// An open file, closed when the last user of it is gone.
public final class OpenFile: Sendable {
  public let descriptor: FileDescriptor
  public init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }
  deinit { try? descriptor.close() }
}
