import Bundles
import Glibc
import Posix
import Product
import Testing

@testable import Installation

@Suite struct FailureTests {
  @Test(arguments: [ENOSPC, EACCES, ENOENT, ELOOP, ENOTDIR, EISDIR, EEXIST, EFBIG, EROFS, EIO])
  func everyFailedSystemCallSaysWhatWhereAndWhatToDo(_ number: Int32) throws {
    let failure = try #require(Failure(known: PosixError("open", "/etc/x", code: number)))
    #expect(failure.code == (number == ENOSPC ? .diskSpace : .fileSystem))
    #expect(failure.message.hasPrefix("/etc/x: open failed: "))
    #expect(try !#require(failure.remedy).isEmpty)
  }

  @Test func aLinkInTheWayIsNamedAsOne() throws {
    #expect(try #require(Failure(known: PosixError("open", "x", code: ELOOP))?.remedy).contains("symbolic link"))
  }

  @Test func aBundleThatCannotBeReadKeepsTheReason() throws {
    do throws(BundleError) {
      _ = try FileBundle("/nonexistent/x.bundle")
      Issue.record("it was opened")
    } catch {
      let failure = try #require(Failure(known: error))
      #expect(failure.code == .fileSystem)
      #expect(failure.message.hasPrefix("/nonexistent/x.bundle: open failed: "))
      #expect(failure.remedy == PosixError("", "", code: ENOENT).remedy)
    }
  }

  @Test(arguments: [ProductError.Code.malformed, .invalid, .unsupported, .wrongProduct])
  func whatAProductsDescriptionLacksHasARemedy(_ code: ProductError.Code) throws {
    let failure = try #require(Failure(known: ProductError(code, key: "a", value: "b", allowed: "c")))
    #expect(try !#require(failure.remedy).isEmpty)
  }
}
