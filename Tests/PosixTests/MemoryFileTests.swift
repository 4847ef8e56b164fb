import Glibc
import SystemPackage
import Testing

@testable import Posix

@Suite struct MemoryFileTests {
  @Test func whatIsSealedStaysAsItIs() throws {
    let file = try MemoryFile.make("test") { try $0.writeFully(Array("#!/bin/sh\n".utf8), path: "test") }
    defer { try? file.close() }
    #expect(try file.status("test").size == 10)
    #expect(throws: PosixError.self) { try file.writeFully([1], path: "test") }
    #expect(ftruncate(file.rawValue, 0) != 0)
    #expect(
      try FileDescriptor.reading(FilePath("/proc/self/fd/\(file.rawValue)")).readAll(limit: 99, path: "").count == 10)
  }

  @Test func nothingIsLeftOfOneThatCouldNotBeFilled() throws {
    struct Refused: Error {}
    let before = try Directory.open("/proc/self/fd").names().count
    #expect(throws: Refused.self) { try MemoryFile.make("test") { _ in throw Refused() } }
    #expect(try Directory.open("/proc/self/fd").names().count == before)
  }
}
