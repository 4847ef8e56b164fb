import Cryptography
import Foundation
import Publishing
import SystemPackage
import Testing

@Suite struct KeyTests {
  @Test func keysAreEncryptedAndReadableByTheirOwnerOnly() throws {
    let workshop = try Workshop.prepared()
    let keys = try workshop.contents(workshop.keys)
    #expect(keys.count == 8)
    for (name, bytes) in keys {
      #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
      let file = workshop.keys.appending(name)
      for (path, mode) in [(file, 0o600), (file.removingLastComponent(), 0o700)] {
        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(path)")
      }
    }
  }

  @Test(arguments: [("online/timestamp-1.pem", 0o640), ("online/timestamp-1.pem", 0o604), ("online", 0o755)])
  func aKeyThatOthersCanReachIsNotUsed(_ place: String, _ mode: Int) throws {
    let workshop = try Workshop.prepared()
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: workshop.keys.appending(place).string)
    let before = try workshop.contents(workshop.repository)
    #expect(throws: PublishingError(.keyExposed, "")) { try renew(workshop) }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aWrongPassphraseSignsNothing() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    #expect(throws: CryptographyError(.wrongPassphrase, "")) {
      try renew(workshop, workshop.signing(passphrases: [Array("wrong".utf8)]))
    }
    #expect(throws: PublishingError(.passphraseMissing, "")) { try renew(workshop, workshop.signing(passphrases: [])) }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func oneOfSeveralPassphrasesIsEnough() throws {
    let workshop = try Workshop.prepared()
    try renew(workshop, workshop.signing(passphrases: [Array("wrong".utf8), Workshop.passphrase]))
  }

  @Test func aMissingKeyIsNamedWithItsRole() throws {
    let workshop = try Workshop.prepared()
    try FileManager.default.removeItem(atPath: workshop.keys.appending("online/snapshot-1.pem").string)
    #expect(throws: PublishingError(.keyMissing, "")) { try renew(workshop) }
    try renew(workshop, roles: ["timestamp"])
  }

  @Test func aLostRootKeyLeavesEnough() throws {
    let workshop = try Workshop.prepared()
    try FileManager.default.removeItem(atPath: workshop.keys.appending("root/root-1.pem").string)
    try renew(workshop, roles: ["root"])
    try FileManager.default.removeItem(atPath: workshop.keys.appending("root/root-2.pem").string)
    #expect(throws: PublishingError(.keyMissing, "")) { try renew(workshop, roles: ["root"]) }
  }

  @Test func whatIsNoKeyIsRefused() throws {
    let workshop = try Workshop.prepared()
    try workshop.write("not a key", workshop.keys.appending("online/timestamp-1.pem"), mode: 0o600)
    #expect(throws: CryptographyError(.malformedKey, "")) { try renew(workshop) }
  }

  @Test func keysAndRepositoriesAreNeverOverwritten() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.path)
    #expect(throws: PublishingError(.exists, "")) { try workshop.initialize() }
    #expect(throws: PublishingError(.exists, "")) {
      try Initialization().run(
        repository: workshop.path.appending("other"), keys: KeyFolder(workshop.keys), signing: workshop.signing())
    }
    #expect(try workshop.contents(workshop.path) == before)
  }

  @Test func anInterruptedInitializationGoesOnWithItsKeys() throws {
    let workshop = try Workshop()
    try workshop.initialize()
    let keys = try workshop.contents(workshop.keys)
    try FileManager.default.removeItem(atPath: workshop.repository.string)
    try FileManager.default.removeItem(atPath: workshop.keys.appending("online/timestamp-1.pem").string)
    try workshop.write("", workshop.keys.appending("init.unfinished"), mode: 0o600)
    try workshop.initialize()
    let after = try workshop.contents(workshop.keys)
    #expect(after.keys.sorted() == keys.keys.sorted())
    #expect(after.filter { !$0.key.contains("timestamp") } == keys.filter { !$0.key.contains("timestamp") })
  }

  private func renew(_ workshop: Workshop, _ signing: Signing? = nil, roles: [String] = []) throws {
    _ = try Renewal(roles: roles).run(repository: workshop.repository, signing: signing ?? workshop.signing())
  }
}
