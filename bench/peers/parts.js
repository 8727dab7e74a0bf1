// The smallest page that sends a file in parts with Uppy: no drop area, no bar, a plain input.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";

const uppy = new Uppy({ autoProceed: true }).use(AwsS3, {
  // As both do by themselves with more than 100 MiB, for which a smaller file may stand here.
  shouldUseMultipart: true,
  // Uppy 5 asks a server, by the paths of Companion, to create, to sign each part, to complete.
  endpoint: location.origin,
  // Uppy 6 does all that itself, and asks for each signature.
  signRequest: async (request) => {
    const answer = await fetch("/sign", { method: "POST", body: JSON.stringify(request) });
    return answer.json();
  },
});

document.querySelector("input").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  uppy.addFile({ name: file.name, type: file.type, data: file });
});
