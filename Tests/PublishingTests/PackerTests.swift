import Foundation
import Glibc
import Product
import Publishing
import SystemPackage
import Testing

@Suite struct PackerTests {
  @Test func firstPackMakesTwoRolesAndLaterOnesNone() throws {
    let workshop = try Workshop.prepared()
    let keys = try workshop.contents(workshop.keys)
    #expect(keys.keys.contains("room-agent/room-agent-1.pem"))
    #expect(keys.keys.contains("online/room-agent-rollout-1.pem"))
    #expect(try !workshop.pack("1.1.0").isFirst)
    #expect(try workshop.contents(workshop.keys) == keys)
  }

  @Test func packingTheSameAgainChangesNothing() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    #expect(try !workshop.pack("1.0.0").isNew)
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func otherBytesUnderAPublishedVersionAreRefused() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    try workshop.write("changed", workshop.tree.appending("agent/version"))
    #expect(throws: PublishingError(.conflict, "")) { try workshop.pack("1.0.0") }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aLostArchiveIsPackedAgainFromTheSameTree() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    let archive = try #require(before.keys.first { $0.hasSuffix(".tar.zst") })
    try FileManager.default.removeItem(atPath: workshop.repository.appending(archive).string)
    #expect(try !workshop.pack("1.0.0").isNew)
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aTreeWithAnUpdaterOfItsOwnNeedsNoOther() throws {
    let workshop = try Workshop.prepared()
    try workshop.write("#!/bin/sh\n", workshop.tree.appending("slipway/bin/slipway"), mode: 0o755)
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.pack("1.1.0") }
    let packer = Packer(
      manifest: workshop.manifest, tree: workshop.tree, version: try SemanticVersion("1.1.0"),
      platform: try Platform("linux-x86_64"), level: 3)
    #expect(try packer.run(repository: workshop.repository, signing: workshop.signing()).isNew)
  }

  @Test(arguments: ["none", "folder", "folder with bin"])
  func updaterIsFound(_ kind: String) throws {
    let workshop = try Workshop.prepared()
    let folder = workshop.path.appending("build")
    switch kind {
    case "folder": try workshop.write("updater", folder.appending("slipway"), mode: 0o755)
    case "folder with bin":
      try workshop.write("updater", folder.appending("bin/slipway"), mode: 0o755)
      try workshop.write("notes", folder.appending("notes"))
    default: break
    }
    let packer = try workshop.packer("1.1.0", updater: folder)
    if kind == "none" {
      #expect(throws: PublishingError(.invalidInput, "")) {
        try packer.run(repository: workshop.repository, signing: workshop.signing())
      }
      return
    }
    let result = try packer.run(repository: workshop.repository, signing: workshop.signing())
    // agent, agent/bin, agent/bin/agent, agent/data, agent/run, agent/version; slipway, slipway/bin, slipway/bin/slipway
    #expect(result.totals.inodes == (kind == "folder" ? 9 : 10))
  }

  @Test func aProgramThatTheTreeLacksIsRefused() throws {
    let workshop = try Workshop.prepared()
    try FileManager.default.removeItem(atPath: workshop.tree.appending("agent/bin/agent").string)
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.pack("1.1.0") }
  }

  @Test func whatAnInterruptedRunLeftIsNoHindrance() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.read("repo/metadata/timestamp.json")
    // All but the last rename has happened: new files are there, the timestamp is the old one.
    try workshop.pack("1.1.0")
    try Data(before).write(to: URL(fileURLWithPath: workshop.repository.appending("metadata/timestamp.json").string))
    try workshop.write("half", workshop.repository.appending(".staging/agent/version"))
    try workshop.write(
      "half", workshop.repository.appending("targets/products/room-agent/releases/1.2.0/.linux-x86_64.tar.zst.new"))
    #expect(try workshop.pack("1.1.0").isNew)
    #expect(try workshop.pack("1.2.0").isNew)
    #expect(!FileManager.default.fileExists(atPath: workshop.repository.appending(".staging").string))
  }

  @Test func aSecondWriterIsTurnedAway() throws {
    let workshop = try Workshop.prepared()
    let lock = open(workshop.repository.appending(".lock").string, O_RDWR)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: PublishingError(.locked, "")) { try workshop.pack("1.1.0") }
    #expect(flock(lock, LOCK_UN) == 0)
    #expect(try workshop.pack("1.1.0").isNew)
  }
}

/// The umask is the whole process's, so these run one after the other.
@Suite(.serialized) struct PackerUmaskTests {
  @Test func sameTreeGivesSameBytesWhateverUmaskTimesOrderAndWorkers() throws {
    let one = try Workshop.prepared()
    let other = try Workshop.prepared()
    let first = try one.pack("1.1.0")

    let tree = other.path.appending("tree-again")
    try other.makeTree(tree, order: ["data", "bin/agent", "version"])
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o700, .modificationDate: Date(timeIntervalSince1970: 1)],
      ofItemAtPath: tree.appending("agent/bin/agent").string)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: tree.appending("agent/version").string)
    let before = umask(0o077)
    defer { umask(before) }
    let second = try other.packer("1.1.0", tree: tree, workers: 3).run(
      repository: other.repository, signing: other.signing())
    #expect(first.targets == second.targets)
    let places = try [one, other].map { workshop in
      try workshop.contents(workshop.repository.appending("targets")).filter { $0.key.contains("/1.1.0/") }
    }
    #expect(places[0] == places[1])
    #expect(places[0].count == 3)
  }

  @Test func filesOfTheRepositoryCanBeReadByAWebServerWhateverTheUmask() throws {
    let workshop = try Workshop.prepared()
    let before = umask(0o077)
    defer { umask(before) }
    try workshop.pack("1.1.0")
    for (folder, mode) in [("targets/products/room-agent/releases/1.1.0", 0o755), ("metadata/timestamp.json", 0o644)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: workshop.repository.appending(folder).string)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
    }
  }
}
