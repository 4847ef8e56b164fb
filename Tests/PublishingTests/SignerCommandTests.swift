import Cryptography
import Foundation
import Publishing
import SystemPackage
import Testing

@Suite struct SignerCommandTests {
  @Test(arguments: [SignatureScheme.ed25519, .ecdsaP256])
  func aKeyThatOnlyACommandCanUseSigns(_ scheme: SignatureScheme) async throws {
    let workshop = try Workshop.prepared()
    let key = try PrivateKey.generate(scheme)
    try workshop.write(
      String(decoding: try key.encryptedPEM(passphrase: Workshop.passphrase), as: UTF8.self),
      workshop.path.appending("token"), mode: 0o600)
    let digest = scheme == .ed25519 ? "" : "-digest sha256"
    let command = SignerCommand(
      publicKey: key.publicKey,
      command: "openssl pkeyutl -sign -rawin \(digest) -inkey \(workshop.path)/token -passin pass:'correct horse' "
        + "-in /dev/stdin")
    _ = try KeyChange(role: "targets", kind: .rotate([key.publicKey])).run(
      repository: workshop.repository, signing: workshop.signing(files: [], folder: true, commands: [command]))
    try await workshop.expectOrder()
    #expect(try workshop.editor().authority(of: "targets").keys.values.map { $0 } == [key.publicKey])
  }

  @Test(arguments: [
    ("echo no >&2; exit 3", "exit status 3"), ("kill -9 $$", "signal 9"), ("printf x", "no signature"),
    ("sleep 60", "within 1 seconds"), ("exec >&-; sleep 60", "within 1 seconds"),
    ("no-such-command-at-all", "exit status 127"), ("yes", "more than 65536"),
  ]) func whatACommandDoesWrongIsToldWithItsName(_ command: String, _ told: String) throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    let key = try PrivateKey.generate()
    let signer = SignerCommand(publicKey: key.publicKey, command: command, patience: 1)
    do {
      _ = try KeyChange(role: "targets", kind: .rotate([key.publicKey])).run(
        repository: workshop.repository, signing: workshop.signing(files: [], folder: true, commands: [signer]))
      Issue.record("it was taken")
    } catch let error as PublishingError {
      #expect(error.code == .signer)
      #expect(error.message.contains("`\(command)`") && error.message.contains(told), "\(error.message)")
    }
    #expect(try workshop.contents(workshop.repository) == before)
  }
}
