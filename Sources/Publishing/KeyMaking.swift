import Cryptography
import Posix
import SystemPackage
import TUF

/// Makes one ed25519 key, encrypted, in a file of its own with its public key beside it.
public struct KeyMaking {
  public let path: FilePath

  public init(_ path: FilePath) { self.path = path }

  public struct Result: Sendable, Equatable {
    public let keyid: String
    public let publicKey: FilePath
  }

  /// Errors: exists, passphraseMissing.
  public func run(reader: KeyReader) throws -> Result {
    guard let name = path.lastComponent, name.kind == .regular else {
      throw PublishingError(.invalidInput, "\(path): not a file's name", remedy: "name the file to write")
    }
    let folder = path.removingLastComponent()
    let directory = try Directory.making(folder.isEmpty ? "." : folder, mode: 0o700)
    let publicName = FilePath.Component(name.string + ".pub") ?? name
    for file in [name, publicName] where try directory.status(file.string) != nil {
      throw PublishingError(
        .exists, "\(directory.path)/\(file): there is something of that name already", remedy: "name another file")
    }
    var reader = reader
    let key = try PrivateKey.generate()
    let passphrase = try reader.newPassphrase()
    try DurableFile.write(try key.encryptedPEM(passphrase: passphrase), name.string, in: directory, mode: 0o600)
    try DurableFile.write(Array(key.publicKey.pem.utf8), publicName.string, in: directory)
    return Result(keyid: try Key(key.publicKey).keyid, publicKey: folder.appending(publicName))
  }
}
