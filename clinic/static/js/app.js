// The desk's script: each module wires itself by attributes, so pages work as plain links and forms without it.
import "./dialog.js";
import "./keys.js";
import "./command.js";
import "./form.js";
import "./list.js";
import "./toast.js";
import "./live.js";
import "./clock.js";
import "./theme.js";
import "./idle.js";
import "./find.js";
