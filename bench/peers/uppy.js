// The smallest upload page one builds with Uppy: drop area, progress bar, one PUT to S3.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import DragDrop from "@uppy/drag-drop";
import StatusBar from "@uppy/status-bar";
import "@uppy/core/css/style.min.css";
import "@uppy/drag-drop/css/style.min.css";
import "@uppy/status-bar/css/style.min.css";

const url = new URLSearchParams(location.search).get("s3_url") ?? "";

new Uppy({ autoProceed: true, restrictions: { maxNumberOfFiles: 1 } })
  .use(DragDrop, { target: "#drop" })
  .use(StatusBar, { target: "#status" })
  .use(AwsS3, {
    shouldUseMultipart: false,
    signRequest: async () => ({ url: atob(url.replaceAll("-", "+").replaceAll("_", "/")) }),
  });
