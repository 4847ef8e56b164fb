import Cryptography
import Glibc
import Posix
import SystemPackage

/// Opens key files with the passphrases at hand, asking for one only when none of them fits.
public struct KeyReader {
  /// Passphrases that have been given or have worked.
  private var known: [[UInt8]]
  private let ask: ((Question) throws -> [UInt8])?

  /// What a person is asked for.
  public enum Question: Sendable, Equatable {
    /// The passphrase of an existing key.
    case existing(FilePath)
    /// A passphrase for keys that are being made.
    case new
  }

  /// - Parameters:
  ///   - passphrases: tried in turn; new keys get the first.
  ///   - ask: asks a person; nil where nobody can be asked.
  public init(passphrases: [[UInt8]], ask: ((Question) throws -> [UInt8])? = nil) {
    known = passphrases
    self.ask = ask
  }

  /// The passphrase for new keys. Errors: passphraseMissing.
  mutating func newPassphrase() throws -> [UInt8] {
    if let first = known.first { return first }
    guard let ask else { throw Self.missing("new keys need a passphrase") }
    let passphrase = try ask(.new)
    known.append(passphrase)
    return passphrase
  }

  /// Reads a private key. Errors: keyExposed, keyMissing, passphraseMissing, and `CryptographyError` with the file's name.
  public mutating func read(_ path: FilePath) throws -> PrivateKey {
    let pem = try Self.bytes(of: path)
    do {
      for passphrase in known {
        if let key = try Self.key(pem, passphrase) { return key }
      }
      // A key at rest without a passphrase opens with any; where there is none, it is tried here.
      if known.isEmpty, let key = try Self.key(pem, nil) { return key }
      guard let ask else { throw Self.refusal(path, isEmpty: known.isEmpty) }
      let passphrase = try ask(.existing(path))
      let key = try PrivateKey(pem: pem, passphrase: passphrase)
      known.append(passphrase)
      return key
    } catch let error as CryptographyError {
      throw CryptographyError(error.code, "\(path): \(error.detail)")
    }
  }

  /// Reads a public key (PEM, "PUBLIC KEY"). Errors: keyMissing, and `CryptographyError` with the file's name.
  public static func publicKey(_ path: FilePath) throws -> PublicKey {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw PublishingError(
        .keyMissing, "\(path): the public key cannot be read (\(error))",
        remedy: "name a PEM file, as `openssl pkey -in KEY -pubout` or `slipway-release make-key` writes it")
    }
    defer { try? file.close() }
    do {
      return try PublicKey(pem: try file.readAll(limit: 1 << 16, path: path.string))
    } catch let error as CryptographyError {
      throw CryptographyError(error.code, "\(path): \(error.detail)")
    }
  }

  /// Nil when the passphrase does not fit.
  private static func key(_ pem: [UInt8], _ passphrase: [UInt8]?) throws -> PrivateKey? {
    do throws(CryptographyError) {
      return try PrivateKey(pem: pem, passphrase: passphrase)
    } catch {
      guard error.code == .wrongPassphrase else { throw error }
      return nil
    }
  }

  private static func refusal(_ path: FilePath, isEmpty: Bool) -> any Error {
    isEmpty
      ? missing("\(path): a passphrase is needed") : CryptographyError(.wrongPassphrase, "it does not open this key")
  }

  private static func missing(_ message: String) -> PublishingError {
    PublishingError(
      .passphraseMissing, message,
      remedy: "give --passphrase-file FILE, set SLIPWAY_PASSPHRASE, or run it on a terminal")
  }

  private static func bytes(of path: FilePath) throws -> [UInt8] {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw PublishingError(
        .keyMissing, "\(path): the key cannot be read (\(error))", remedy: "name a readable key file")
    }
    defer { try? file.close() }
    let status = try file.status(path.string)
    guard status.kind == .file else {
      throw PublishingError(.keyMissing, "\(path): not a key file", remedy: "name a PKCS#8 PEM file")
    }
    try requirePrivate(status.mode, path, wanted: "600")
    return try file.readAll(limit: 1 << 16, path: path.string)
  }

  /// A key that others can read, or a folder in which they can put one of theirs, is not used.
  static func requirePrivate(_ mode: mode_t, _ path: FilePath, wanted: String) throws {
    guard mode & 0o077 == 0 else {
      throw PublishingError(
        .keyExposed, "\(path): its mode is \(String(mode, radix: 8)), so others have access to the keys",
        remedy: "look into who may have read it, then `chmod \(wanted) \(path)`")
    }
  }
}
