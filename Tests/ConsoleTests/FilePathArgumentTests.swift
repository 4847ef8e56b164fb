import Glibc
import SystemPackage
import Testing

@testable import Console

/// A real folder `real` and the link `link` to it, gone with the test.
@Suite final class FilePathArgumentTests {
  let base: FilePath

  init() throws {
    var template = Array("/tmp/slipway-console-XXXXXX".utf8CString)
    base = FilePath(String(cString: try #require(mkdtemp(&template))))
    try #require(mkdir(base.appending("real").string, 0o755) == 0)
    try #require(symlink("real", base.appending("link").string) == 0)
  }

  deinit {
    unlink(base.appending("link").string)
    rmdir(base.appending("real").string)
    rmdir(base.string)
  }

  @Test func linksOnTheWayAreResolvedAndTheLastNameStays() {
    #expect(FilePathArgument.absolute("\(base)/link/new.json") == base.appending("real/new.json"))
    #expect(FilePathArgument.absolute("\(base)/link") == base.appending("link"))
    #expect(FilePathArgument.absolute("\(base)/link/..") == base)
  }

  @Test func aFolderToWorkInIsResolvedWhole() {
    #expect(FilePathArgument.resolved("\(base)/link") == base.appending("real"))
    #expect(FilePathArgument.resolved("\(base)/link/new") == base.appending("real/new"))
    #expect(FilePathArgument.resolved("/") == "/")
  }

  @Test func whatIsNotThereStaysAsItWasNamed() {
    #expect(FilePathArgument.resolved("\(base)/none/new") == base.appending("none/new"))
  }
}
