// Sends the one form of this page. Without it the page's button does.
HTMLFormElement.prototype.submit.call(document.getElementById("post"));
