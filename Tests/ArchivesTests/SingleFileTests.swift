import Posix
import SystemPackage
import Testing

@testable import Archives

/// One file out of an archive, as the bootstrapper takes the program that makes its checks.
@Suite struct SingleFileTests {
  private func extract(_ path: String, of specimen: Specimen) throws -> [UInt8] {
    let scratch = try Scratch()
    let archive = specimen.archive
    let file = try FileDescriptor.open(try scratch.file("archive", archive), .readOnly)
    defer { try? file.close() }
    let manifest = try specimen.manifest()
    let made = try MemoryFile.make("file") {
      try TreeArchive.extract(path, of: file, length: Int64(archive.count), manifest: manifest, to: $0)
    }
    defer { try? made.close() }
    try made.seek(offset: 0, from: .start)
    return try made.readAll(limit: 1 << 20, path: path)
  }

  @Test(arguments: [("bin/tool", "#!/bin/sh\n"), ("lib/data", "some data"), ("lib/empty", "")])
  func isTheSignedOne(path: String, text: String) throws {
    #expect(try extract(path, of: .plain()) == Array(text.utf8))
  }

  @Test(arguments: ["bin", "lib/current", "lib/other", "../bin/tool"])
  func isARegularFileOfTheManifest(path: String) throws {
    #expect(throws: ArchiveError.self) { try extract(path, of: .plain()) }
  }

  @Test func isRefusedWithOtherBytes() throws {
    var specimen = try Specimen.plain()
    let index = try #require(specimen.members.firstIndex { $0.name == Array("lib/data".utf8) })
    specimen.members[index] = .file("lib/data", "some DATA")
    #expect(throws: ArchiveError(.wrongDigest)) { try extract("lib/data", of: specimen) }
    specimen.members[index] = .file("lib/data", "some data and more")
    #expect(throws: ArchiveError(.wrongSize)) { try extract("lib/data", of: specimen) }
    specimen.members.remove(at: index)
    #expect(throws: ArchiveError(.missing)) { try extract("lib/data", of: specimen) }
  }
}
