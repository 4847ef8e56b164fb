import Posix
import SystemPackage
import Testing

@testable import Archives

@Suite struct TreeAssemblyTests {
  let scratch: Scratch
  let manifest: TreeManifest
  let tree: FilePath

  init() throws {
    scratch = try Scratch()
    tree = try scratch.directory("tree")
    _ = try scratch.directory("tree/bin")
    try scratch.file("tree/bin/run", Array("#!/bin/sh".utf8), mode: 0o755)
    try scratch.file("tree/big", [UInt8](repeating: 7, count: 3_000_000))
    try scratch.file("tree/empty", [])
    try scratch.link("tree/link", to: "bin/run")
    manifest = try TreeScanner(id: "agent", version: "1.0.0", platform: "linux-x86_64").scan(tree)
  }

  private func make(_ donors: [TreeAssembly.Donor]) throws -> EntryPath? {
    let into = try Directory.open(try scratch.directory("made"))
    return try TreeAssembly(donors).make(manifest, in: into)
  }

  @Test func aTreeIsMadeOfWhatAnotherHas() throws {
    #expect(try make([.init(try Directory.open(tree), manifest)]) == nil)
    #expect(try manifest.differences(in: scratch.path.appending("made"), checkHashes: true) == [])
  }

  /// The damaged tree still has most, another version under other names the rest.
  @Test func eachFileMayComeFromElsewhere() throws {
    let other = try scratch.directory("other")
    try scratch.file("other/moved", [UInt8](repeating: 7, count: 3_000_000))
    let others = try TreeScanner(id: "agent", version: "1.1.0", platform: "linux-x86_64").scan(other)
    try scratch.file("tree/big", [UInt8](repeating: 8, count: 3_000_000))
    #expect(try make([.init(try Directory.open(tree), manifest), .init(try Directory.open(other), others)]) == nil)
    #expect(try manifest.differences(in: scratch.path.appending("made"), checkHashes: true) == [])
  }

  @Test func whatNobodyHasIsNamed() throws {
    try scratch.file("tree/big", [UInt8](repeating: 8, count: 3_000_000))
    #expect(try make([.init(try Directory.open(tree), manifest)])?.string == "big")
  }

  @Test func aLinkOrAFolderInTheFilesPlaceIsNoDonor() throws {
    let directory = try Directory.open(tree)
    try directory.unlink("big")
    try scratch.link("tree/big", to: "/etc/passwd")
    #expect(try make([.init(directory, manifest)])?.string == "big")
  }
}
