import Installation
import Product
import Testing
import Transport

@testable import Updating

/// What a poll that ends without its files exits with.
@Suite struct FailureTests {
  @Test(arguments: [
    (TransportError.Step.proxy, ExitCode.networkOrProxy), (.proxyRefusal, .networkOrProxy),
    (.dns, .repositoryUnreachable), (.connect, .repositoryUnreachable), (.tls, .repositoryUnreachable),
  ])
  func aBarredWayIsToldApartFromARepositoryThatIsDown(step: TransportError.Step, code: ExitCode) {
    let failure = Failure(TransportError(.unreachable(step), "https://updates.example.com/timestamp.json", "why"))
    #expect(failure.code == code && failure.message.contains("why"))
    #expect(failure.name == (code == .networkOrProxy ? "proxy" : "repository"))
    #expect(failure.remedy?.contains("the next poll goes on") == true)
  }

  @Test(arguments: [TransportError.Code.notFound, .refused(status: 503), .interrupted, .stalled, .tooLarge, .overdue])
  func whatTheServerDoesIsTheRepositorys(code: TransportError.Code) {
    #expect(Failure(TransportError(code, "https://updates.example.com/")).code == .repositoryUnreachable)
  }

  @Test func aFullDiskIsNoQuestionOfTheNetwork() {
    #expect(Failure(TransportError(.disk(errno: 28), "/var/lib/x")).code == .diskSpace)
  }
}
