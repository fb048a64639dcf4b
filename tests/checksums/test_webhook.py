"""A webhook leads to a recorded release, and only its tool is polled."""

from checksums.flow import TOOLS, Flow
from webhook.hook import Site, release


def test_a_delivery_records_the_release_of_its_tool(flow: Flow) -> None:
    assert flow.doit("checksums").code == 0
    flow.release("alpha")
    flow.release("beta")
    flow.forget()
    site = Site(flow.project.root, flow.project.env)
    with site.serving("--run") as hook:
        assert hook.deliver(release("Up/Beta")) == (202, "due: beta\n")
        assert "exit code 0 after" in hook.wait_for("exit code")
        assert hook.end() == 0
    assert "beta: recorded 2.0.0 after 1.0.0: 2 assets" in hook.log
    assert [flow.recorded(tool) for tool in TOOLS] == ["1.0.0", "2.0.0", "1.0.0"]
    assert flow.polled() == ["beta"]
    assert site.due() == []
